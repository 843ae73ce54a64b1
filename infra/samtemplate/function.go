package samtemplate

import (
	"sort"

	"patrondesk/functions"
	"patrondesk/infra/deployment"
)

// function is a function with its log group and its role. The role is written out, because one SAM makes has more
// rights than the list gives.
func function(f functions.Function, o Options) Map {
	properties := Map{
		{"FunctionName", physical(f.Name)},
		{"Description", f.Does},
		{"CodeUri", o.Code + "/" + f.Name},
		{"MemorySize", f.Memory},
		{"Timeout", int(f.Timeout.Seconds())},
		{"Role", ARN(deployment.RoleID(f.Name))},
		{"LoggingConfig", Map{{"LogFormat", "JSON"}, {"LogGroup", Ref(deployment.LogID(f.Name))}}},
		{"Environment", Map{{"Variables", environment(f, o)}}},
	}
	if len(f.Drops) > 0 {
		properties = append(properties, Pair{"ReservedConcurrentExecutions", when("Reserve", 1)}, Pair{"Events", Map{{"Source", source(f)}}})
	}
	return Map{
		{deployment.LogID(f.Name), logGroup("/aws/lambda/patrondesk-${Stage}-" + f.Name)},
		{deployment.RoleID(f.Name), role(f)},
		{deployment.FunctionID(f.Name), Map{
			{"Type", "AWS::Serverless::Function"},
			{"Metadata", Map{{"SkipBuild", true}}},
			{"Properties", properties},
		}},
	}
}

func physical(name string) Sub { return Sub("patrondesk-${Stage}-" + name) }

func logGroup(name string) Map {
	return Map{
		{"Type", "AWS::Logs::LogGroup"}, {"DeletionPolicy", "Delete"}, {"UpdateReplacePolicy", "Delete"},
		{"Properties", Map{{"LogGroupName", Sub(name)}, {"RetentionInDays", deployment.LogDays}}},
	}
}

func role(f functions.Function) Map {
	return resource("AWS::IAM::Role", Map{
		{"Description", "What the function " + f.Name + " of patrondesk may do"},
		{"AssumeRolePolicyDocument", document(List{assume("lambda.amazonaws.com")})},
		{"Policies", grants(deployment.Statements(f, true))},
	})
}

// assume lets a service of AWS take a role.
func assume(service string) Map {
	return Map{{"Effect", "Allow"}, {"Principal", Map{{"Service", service}}}, {"Action", "sts:AssumeRole"}}
}

// grants is the one policy of a role.
func grants(all []deployment.Statement) List {
	var statements List
	for _, s := range all {
		statements = append(statements, statement(s))
	}
	return List{Map{{"PolicyName", "grants"}, {"PolicyDocument", document(statements)}}}
}

func statement(s deployment.Statement) Map {
	var on List
	for _, r := range s.On {
		on = append(on, arn(r))
	}
	m := Map{{"Sid", s.Sid}, {"Effect", "Allow"}, {"Action", list(s.Actions)}, {"Resource", on}}
	if s.FromInstitution {
		m = append(m, Pair{"Condition", Map{{"StringEquals", Map{{"ses:FromAddress", Ref("MailFrom")}}}}})
	}
	return m
}

func arn(r deployment.Resource) any {
	const ses = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:"
	switch {
	case r.Kind == deployment.Everything:
		return "*"
	case r.Kind == deployment.MailIdentity:
		return Sub(ses + "identity/${MailIdentity}")
	case r.Kind == deployment.ConfigurationSet:
		return Sub(ses + "configuration-set/${" + r.ID + "}")
	case r.Suffix != "":
		return Sub("${" + r.ID + ".Arn}" + r.Suffix)
	}
	return ARN(r.ID)
}

// environment is the function's environment, in the order of the alphabet.
func environment(f functions.Function, o Options) Map {
	values := map[string]any{
		"bucket": Ref(deployment.BucketID), "configuration-set": Ref(deployment.ConfigurationSetID),
		"issuer": Ref("OidcIssuer"), "audience": Ref("OidcAudience"), "claim": Ref("OidcClaim"), "logout": Ref("OidcLogout"),
		"settings": deployment.Settings, "memory-limit": deployment.MemoryLimit(f),
	}
	for _, t := range functions.Tables {
		values["table:"+t.Name] = Ref(deployment.TableID(t.Name))
	}
	if o.Local {
		local(values)
	}
	env := map[string]any{}
	for name, value := range deployment.Environment(f) {
		env[name] = values[value]
	}
	if o.Local {
		endpoints(env, o)
	}
	return ordered(env)
}

func ordered(values map[string]any) Map {
	var m Map
	for name, value := range values {
		m = append(m, Pair{name, value})
	}
	sort.Slice(m, func(i, j int) bool { return m[i].Key < m[j].Key })
	return m
}

// source is the queue whose messages start the function.
func source(f functions.Function) Map {
	return Map{{"Type", "SQS"}, {"Properties", Map{
		{"Queue", ARN(deployment.QueueID(f.Name))}, {"BatchSize", 1},
		{"FunctionResponseTypes", List{"ReportBatchItemFailures"}},
	}}}
}

package main

import (
	"path/filepath"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"patrondesk/functions"
	"patrondesk/infra/deployment"
)

// addFunction makes a function with its log group, its role, and what starts it when that is a dropped file.
func (s *stack) addFunction(f functions.Function) {
	s.addLog(f)
	if len(f.Drops) > 0 {
		s.addQueue(f)
	}
	props := &awslambda.FunctionProps{
		FunctionName:  s.physical(f.Name),
		Description:   jsii.String(f.Does),
		Runtime:       awslambda.Runtime_PROVIDED_AL2023(),
		Architecture:  s.architecture(),
		Handler:       jsii.String("bootstrap"),
		Code:          awslambda.Code_FromAsset(jsii.String(filepath.Join(s.Dist, f.Name)), nil),
		MemorySize:    jsii.Number(f.Memory),
		Timeout:       awscdk.Duration_Seconds(jsii.Number(f.Timeout.Seconds())),
		Environment:   s.environment(f),
		LogGroup:      s.logs[f.Name],
		LoggingFormat: awslambda.LoggingFormat_JSON,
		Tracing:       awslambda.Tracing_DISABLED,
		Role:          s.addRole(f).WithoutPolicyUpdates(nil),
	}
	if s.Tracing {
		props.Tracing = awslambda.Tracing_ACTIVE
	}
	if len(f.Drops) > 0 && s.Reserve {
		props.ReservedConcurrentExecutions = jsii.Number(1)
	}
	id := deployment.FunctionID(f.Name)
	s.functions[f.Name] = awslambda.NewFunction(s.Stack, jsii.String(id), props)
	named(s.functions[f.Name], id)
	if len(f.Drops) > 0 {
		s.addSource(f)
	}
	if f.Round != nil {
		s.addRound(f)
	}
}

func (s *stack) architecture() awslambda.Architecture {
	if s.Arch == "x86_64" {
		return awslambda.Architecture_X86_64()
	}
	return awslambda.Architecture_ARM_64()
}

func (s *stack) addLog(f functions.Function) {
	id := deployment.LogID(f.Name)
	s.logs[f.Name] = awslogs.NewLogGroup(s.Stack, jsii.String(id), &awslogs.LogGroupProps{
		LogGroupName:  jsii.String("/aws/lambda/patrondesk-" + s.Stage + "-" + f.Name),
		Retention:     awslogs.RetentionDays_THREE_MONTHS,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	named(s.logs[f.Name], id)
}

// addRole makes the function's role: the statements of the list, and no managed policy, which would allow more.
func (s *stack) addRole(f functions.Function) awsiam.Role {
	role := awsiam.NewRole(s.Stack, jsii.String(deployment.RoleID(f.Name)), &awsiam.RoleProps{
		AssumedBy:      awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		Description:    jsii.String("What the function " + f.Name + " of patrondesk may do"),
		InlinePolicies: s.grants(f, deployment.Statements(f, s.settings.Tracing)),
	})
	named(role, deployment.RoleID(f.Name))
	return role
}

// grants is the one policy of a role.
func (s *stack) grants(f functions.Function, all []deployment.Statement) *map[string]awsiam.PolicyDocument {
	var statements []awsiam.PolicyStatement
	for _, st := range all {
		statements = append(statements, s.statement(f, st))
	}
	return &map[string]awsiam.PolicyDocument{
		"grants": awsiam.NewPolicyDocument(&awsiam.PolicyDocumentProps{Statements: &statements}),
	}
}

func (s *stack) statement(f functions.Function, st deployment.Statement) awsiam.PolicyStatement {
	var on []*string
	for _, r := range st.On {
		on = append(on, s.arn(f, r))
	}
	props := &awsiam.PolicyStatementProps{
		Sid: jsii.String(st.Sid), Actions: jsii.Strings(st.Actions...), Resources: &on,
	}
	if st.FromInstitution {
		props.Conditions = &map[string]any{"StringEquals": map[string]any{"ses:FromAddress": s.From}}
	}
	return awsiam.NewPolicyStatement(props)
}

// arn is the ARN of what a statement is about.
func (s *stack) arn(f functions.Function, r deployment.Resource) *string {
	switch r.Kind {
	case deployment.Everything:
		return jsii.String("*")
	case deployment.MailIdentity:
		return s.mailARN("identity", jsii.String(s.MailIdentity))
	case deployment.ConfigurationSet:
		return s.mailARN("configuration-set", s.mail.ConfigurationSetName())
	}
	arn := s.arns(f)[r.ID]
	if r.Suffix == "" {
		return arn
	}
	return awscdk.Fn_Join(jsii.String(""), &[]*string{arn, jsii.String(r.Suffix)})
}

// arns are the ARNs a function's statements can be about, by the resource's name in the template.
func (s *stack) arns(f functions.Function) map[string]*string {
	arns := map[string]*string{
		deployment.BucketID:      s.bucket.BucketArn(),
		deployment.LogID(f.Name): s.logs[f.Name].LogGroupArn(),
	}
	for name, t := range s.tables {
		arns[deployment.TableID(name)] = t.TableArn()
	}
	if q, ok := s.queues[f.Name]; ok {
		arns[deployment.QueueID(f.Name)], arns[deployment.UndeliveredID(f.Name)] = q.QueueArn(), s.undelivered[f.Name].QueueArn()
	}
	return arns
}

func (s *stack) environment(f functions.Function) *map[string]*string {
	values := map[string]*string{
		"bucket": s.bucket.BucketName(), "configuration-set": s.mail.ConfigurationSetName(),
		"issuer": s.signIn.issuer, "audience": s.signIn.audience, "claim": s.signIn.claim, "logout": s.signIn.logout,
		"settings": jsii.String(deployment.Settings), "memory-limit": jsii.String(deployment.MemoryLimit(f)),
	}
	for name, t := range s.tables {
		values["table:"+name] = t.TableName()
	}
	env := map[string]*string{}
	for name, value := range deployment.Environment(f) {
		env[name] = values[value]
	}
	return &env
}

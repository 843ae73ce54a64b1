package main

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"patrondesk/functions"
)

// grants are what functions.go says a function may do, as "action resource", reckoned without the deployment's code.
func grants(f functions.Function) []string {
	id := camel(f.Name)
	all := pairs([]string{"logs:CreateLogStream", "logs:PutLogEvents"}, "${"+id+"Log.Arn}")
	all = append(all, pairs([]string{"xray:PutTraceSegments", "xray:PutTelemetryRecords"}, "*")...)
	for _, g := range f.Tables {
		table := "${" + camel(g.Table) + "Table.Arn}"
		for _, action := range g.Actions {
			all = append(all, "dynamodb:"+action+" "+table)
			if g.Index != "" {
				all = append(all, "dynamodb:"+action+" "+table+"/index/"+g.Index)
			}
		}
	}
	for _, a := range f.Bucket {
		for _, action := range a.Actions {
			for _, pattern := range a.Objects {
				all = append(all, "s3:"+action+" ${Bucket.Arn}/"+pattern)
			}
			if len(a.Objects) == 0 {
				all = append(all, "s3:"+action+" ${Bucket.Arn}")
			}
		}
	}
	if f.Email {
		const ses = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:"
		all = append(all, "ses:SendEmail "+ses+"identity/test.example", "ses:SendEmail "+ses+"configuration-set/${MailSettings}")
	}
	if len(f.Drops) > 0 {
		all = append(all, pairs([]string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
			"sqs:ChangeMessageVisibility"}, "${"+id+"Queue.Arn}")...)
	}
	slices.Sort(all)
	return all
}

func pairs(actions []string, on string) []string {
	var all []string
	for _, a := range actions {
		all = append(all, a+" "+on)
	}
	return all
}

func camel(name string) string {
	var s string
	for _, word := range strings.Split(name, "-") {
		s += strings.ToUpper(word[:1]) + word[1:]
	}
	return s
}

func TestGrants(t *testing.T) {
	policies := synthesised.policies()
	for _, f := range functions.All {
		t.Run(f.Name, func(t *testing.T) {
			role := camel(f.Name) + "Role"
			if managed := synthesised.Resources[role].Properties["ManagedPolicyArns"]; managed != nil {
				t.Errorf("the role has managed policies %v", managed)
			}
			if got, want := text(synthesised.Resources[camel(f.Name)].Properties["Role"]), "${"+role+".Arn}"; got != want {
				t.Errorf("role = %s, want %s", got, want)
			}
			var got []string
			for _, s := range policies[role] {
				if s.Effect != "Allow" {
					t.Errorf("effect = %s, want Allow", s.Effect)
				}
				for _, on := range s.Resources {
					got = append(got, pairs(s.Actions, on)...)
				}
			}
			slices.Sort(got)
			if want := grants(f); !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
	if got, want := len(synthesised.of("AWS::IAM::Role")), len(functions.All)+len(rounds()); got != want {
		t.Errorf("%d roles, want one for each function and each round, %d", got, want)
	}
	if got := synthesised.of("AWS::IAM::Policy"); len(got) > 0 {
		t.Errorf("policies beside the roles: %v", got)
	}
}

// TestOnlyLambdaAssumes: the role of a function is for it and nobody else.
func TestOnlyLambdaAssumes(t *testing.T) {
	for _, f := range functions.All {
		name := camel(f.Name) + "Role"
		got := statements(synthesised.Resources[name].Properties["AssumeRolePolicyDocument"])
		want := []statement{{Effect: "Allow", Actions: []string{"sts:AssumeRole"}}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s is assumed by %+v, want %+v", name, got, want)
		}
		service := get(synthesised.Resources[name].Properties, "AssumeRolePolicyDocument.Statement.0.Principal.Service")
		if service != "lambda.amazonaws.com" {
			t.Errorf("%s is assumed by %v", name, service)
		}
	}
}

// stars are the only "*" an allowing statement may have, with the reason.
var stars = map[string]string{
	"xray:PutTraceSegments *":                        "X-Ray has no resources",
	"xray:PutTelemetryRecords *":                     "X-Ray has no resources",
	"s3:GetObject ${Bucket.Arn}/sis/*":               "objects are not known beforehand; the prefix is the limit",
	"s3:GetObject ${Bucket.Arn}/items/*":             "as above",
	"s3:PutObject ${Bucket.Arn}/sis/*.report.json":   "the reports beside them",
	"s3:PutObject ${Bucket.Arn}/sis/*.report.csv":    "as above",
	"s3:PutObject ${Bucket.Arn}/items/*.report.json": "as above",
	"s3:PutObject ${Bucket.Arn}/items/*.report.csv":  "as above",
	"s3:GetObjectVersion ${Bucket.Arn}/sis/*":        "as above",
	"s3:GetObjectVersion ${Bucket.Arn}/items/*":      "as above",

	"s3:GetObject ${Bucket.Arn}/dry-run/*":             "files of which only is told what they would do",
	"s3:GetObjectVersion ${Bucket.Arn}/dry-run/*":      "as above",
	"s3:PutObject ${Bucket.Arn}/dry-run/*.report.json": "the reports beside them",
	"s3:PutObject ${Bucket.Arn}/dry-run/*.report.csv":  "as above",
	"s3:GetObject ${Bucket.Arn}/parts/*":               "parts of reports; the job's id is in the key",
	"s3:GetObjectVersion ${Bucket.Arn}/parts/*":        "as above",
	"s3:PutObject ${Bucket.Arn}/parts/*":               "as above",
	"s3:PutObject ${Bucket.Arn}/rejected/*":            "rejected records, to be dropped again",
	"s3:PutObject ${Bucket.Arn}/rejected/items/*":      "as above",
	"s3:GetObject ${Bucket.Arn}/sis/*.report.json":     "the reports, for the API",
	"s3:GetObject ${Bucket.Arn}/items/*.report.json":   "as above",
	"s3:GetObject ${Bucket.Arn}/dry-run/*.report.json": "as above",
	"s3:GetObject ${Bucket.Arn}/runs/*.report.json":    "as above",
	"s3:GetObject ${Bucket.Arn}/rejected/*":            "rejected records, for whoever mends them",
	"s3:PutObject ${Bucket.Arn}/sis/*":                 "files that browsers post by forms that are signed with the role, and what lets a held job go on",
	"s3:PutObject ${Bucket.Arn}/dry-run/*":             "as above",
	"s3:PutObject ${Bucket.Arn}/items/*":               "as above",

	"s3:PutObject ${Bucket.Arn}/runs/activity-letters/*.report.json": "the reports of rounds, whose names are their times",
	"s3:PutObject ${Bucket.Arn}/runs/activity-letters/*.report.csv":  "as above",
	"s3:PutObject ${Bucket.Arn}/runs/hold-shelf/*.report.json":       "as above",
	"s3:PutObject ${Bucket.Arn}/runs/hold-shelf/*.report.csv":        "as above",
}

func TestNoStars(t *testing.T) {
	for name, all := range synthesised.policies() {
		for _, s := range all {
			if s.Effect == "Deny" {
				continue
			}
			for _, on := range s.Resources {
				for _, pair := range pairs(s.Actions, on) {
					if strings.Contains(pair, "*") && stars[pair] == "" {
						t.Errorf("%s allows %s", name, pair)
					}
				}
			}
		}
	}
}

// TestNobodyFromOutside: no policy allows anything to everybody, and every service is held to our own resources.
func TestNobodyFromOutside(t *testing.T) {
	for name, r := range synthesised.Resources {
		for _, s := range values(get(r.Properties, "PolicyDocument.Statement")) {
			if get(s, "Effect") == "Deny" {
				continue
			}
			if get(s, "Principal.Service") == nil {
				t.Errorf("%s allows %v", name, get(s, "Principal"))
			}
			if get(s, "Condition") == nil {
				t.Errorf("%s allows a service without saying on whose behalf", name)
			}
		}
	}
}

func TestTLSOnly(t *testing.T) {
	tests := []struct{ kind, policy, refers, action string }{
		{"AWS::S3::Bucket", "AWS::S3::BucketPolicy", "Bucket", "s3:*"},
		{"AWS::SQS::Queue", "AWS::SQS::QueuePolicy", "Queues", "sqs:*"},
		{"AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "Topics", "sns:Publish"},
	}
	for _, tt := range tests {
		for _, name := range synthesised.of(tt.kind) {
			if !refusesPlain(tt.policy, tt.refers, name, tt.action) {
				t.Errorf("%s answers without TLS", name)
			}
		}
	}
}

// refusesPlain finds the statement that refuses requests without TLS.
func refusesPlain(kind, refers, name, action string) bool {
	for _, policy := range synthesised.of(kind) {
		p := synthesised.Resources[policy].Properties
		if !slices.Contains(texts(p[refers]), "${"+name+"}") {
			continue
		}
		for _, s := range statements(p["PolicyDocument"]) {
			if s.Effect == "Deny" && slices.Contains(s.Actions, action) &&
				fmt.Sprint(get(s.Condition, "Bool.aws:SecureTransport")) == "false" {
				return true
			}
		}
	}
	return false
}

func TestMailFromInstitutionAlone(t *testing.T) {
	for _, f := range functions.All {
		for _, s := range synthesised.policies()[camel(f.Name)+"Role"] {
			got := get(s.Condition, "StringEquals.ses:FromAddress")
			if slices.Contains(s.Actions, "ses:SendEmail") && got != "library@test.example" {
				t.Errorf("%s sends from %v", f.Name, got)
			}
		}
	}
}

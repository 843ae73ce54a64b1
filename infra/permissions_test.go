package main

import (
	"testing"

	"patrondesk/functions"
)

// TestOnePermissionToRunEachFunction: the gateway may run the functions of its routes, by one permission each, in both
// templates. Lambda takes 20 KB of them for a function, which is about 45.
func TestOnePermissionToRunEachFunction(t *testing.T) {
	for file, made := range map[string]template{"CDK": synthesised, "template.yaml": sam(t)} {
		got := map[string]int{}
		for _, name := range made.of("AWS::Lambda::Permission") {
			p := made.Resources[name].Properties
			got[text(p["FunctionName"])]++
			from, want := text(p["SourceArn"]), "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/*/*"
			if from != want || p["Principal"] != "apigateway.amazonaws.com" || p["Action"] != "lambda:InvokeFunction" {
				t.Errorf("%s: %s lets %s run %s", file, name, from, text(p["FunctionName"]))
			}
		}
		for _, f := range functions.All {
			want := min(len(f.Routes), 1)
			if n := got["${"+camel(f.Name)+".Arn}"]; n != want {
				t.Errorf("%s: %s has %d permissions to run it, want %d", file, f.Name, n, want)
			}
		}
	}
}

package samtemplate

import (
	"slices"
	"strings"

	"patrondesk/functions"
	"patrondesk/infra/deployment"
)

// definition is the API in OpenAPI's words, each route with its function. Were the routes events of their functions, SAM
// would write a permission for each, and those of a function with many are more than the 20 KB that Lambda takes of them.
func definition() Map {
	return Map{
		{"openapi", "3.0.1"},
		{"info", Map{{"title", Sub("patrondesk-${Stage}")}, {"version", "1.0"}}}, // the title is the API's name
		{"paths", paths()},
	}
}

// paths are the routes of all functions by path and method.
func paths() Map {
	var all Map
	for _, f := range functions.All {
		for _, r := range deployment.Routes(f) {
			i := slices.IndexFunc(all, func(p Pair) bool { return p.Key == r.Path })
			if i < 0 {
				all = append(all, Pair{r.Path, Map{}})
				i = len(all) - 1
			}
			all[i].Value = append(all[i].Value.(Map), Pair{strings.ToLower(r.Method), operation(f, r.Path)})
		}
	}
	return all
}

// operation is a route that leads to the function.
func operation(f functions.Function, path string) Map {
	m := Map{
		{"x-amazon-apigateway-integration", Map{
			{"type", "aws_proxy"}, {"httpMethod", "POST"}, {"payloadFormatVersion", "2.0"},
			{"uri", Sub("arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${" +
				deployment.FunctionID(f.Name) + ".Arn}/invocations")},
		}},
		{"responses", Map{}},
	}
	var parameters List
	for segment := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(segment, "{"); ok {
			parameters = append(parameters, Map{{"name", strings.TrimSuffix(name, "}")}, {"in", "path"}, {"required", true}})
		}
	}
	if parameters != nil {
		m = append(m, Pair{"parameters", parameters})
	}
	return m
}

// permission lets the API run the function.
func permission(f functions.Function) Map {
	return Map{{deployment.FunctionID(f.Name) + "Permission", resource("AWS::Lambda::Permission", Map{
		{"FunctionName", ARN(deployment.FunctionID(f.Name))},
		{"Action", "lambda:InvokeFunction"},
		{"Principal", "apigateway.amazonaws.com"},
		{"SourceArn", Sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${" + deployment.APIID + "}/*/*/*")},
	})}}
}

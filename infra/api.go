package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"patrondesk/functions"
	"patrondesk/infra/deployment"
)

// addAPI makes the HTTP API, which gets the routes of the list and nothing else. It has no authorizer: each function
// decides who may do what, and refuses in Alma's own form.
func (s *stack) addAPI() {
	s.api = awsapigatewayv2.NewHttpApi(s.Stack, jsii.String(deployment.APIID), &awsapigatewayv2.HttpApiProps{
		ApiName:            jsii.String("patrondesk-" + s.Stage),
		Description:        jsii.String("Patron services in the form of Alma's REST API"),
		CreateDefaultStage: jsii.Bool(false),
		CorsPreflight:      s.cors(),
	})
	named(s.api, deployment.APIID)
	s.addStage()
	s.output("ApiUrl", "Where the API answers; Alma's paths follow, as in /almaws/v1/users", s.api.ApiEndpoint())
}

// cors is what pages of other origins may do, or nil.
func (s *stack) cors() *awsapigatewayv2.CorsPreflightOptions {
	if len(s.Origins) == 0 {
		return nil
	}
	var methods []awsapigatewayv2.CorsHttpMethod
	for _, m := range deployment.CORSMethods() {
		methods = append(methods, awsapigatewayv2.CorsHttpMethod(m))
	}
	return &awsapigatewayv2.CorsPreflightOptions{
		AllowOrigins: jsii.Strings(s.Origins...), AllowMethods: &methods,
		AllowHeaders: jsii.Strings(deployment.CORSHeaders()...), ExposeHeaders: jsii.Strings(deployment.CORSExposed()...),
		MaxAge: awscdk.Duration_Seconds(jsii.Number(deployment.CORSAge.Seconds())),
	}
}

func (s *stack) addRoutes(f functions.Function) {
	if len(f.Routes) == 0 {
		return
	}
	integration := awsapigatewayv2integrations.NewHttpLambdaIntegration(
		jsii.String(deployment.FunctionID(f.Name)+"Integration"), s.functions[f.Name],
		&awsapigatewayv2integrations.HttpLambdaIntegrationProps{
			PayloadFormatVersion: awsapigatewayv2.PayloadFormatVersion_VERSION_2_0(),
			// One permission for the API and not one for each route: those of the desk's are more than the 20 KB that Lambda
			// takes of them, and nothing but its own routes leads to a function.
			ScopePermissionToRoute: jsii.Bool(false),
		})
	for _, r := range deployment.Routes(f) {
		s.api.AddRoutes(&awsapigatewayv2.AddRoutesOptions{
			Path:        jsii.String(r.Path),
			Methods:     &[]awsapigatewayv2.HttpMethod{awsapigatewayv2.HttpMethod(r.Method)},
			Integration: integration,
		})
	}
}

func (s *stack) addStage() {
	log := awslogs.NewLogGroup(s.Stack, jsii.String(deployment.AccessLogID), &awslogs.LogGroupProps{
		LogGroupName:  jsii.String("/aws/vendedlogs/patrondesk-" + s.Stage + "-api"),
		Retention:     awslogs.RetentionDays_THREE_MONTHS,
		RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	named(log, deployment.AccessLogID)
	stage := awsapigatewayv2.NewHttpStage(s.Stack, jsii.String(deployment.StageID), &awsapigatewayv2.HttpStageProps{
		HttpApi:    s.api,
		AutoDeploy: jsii.Bool(true),
		Throttle: &awsapigatewayv2.ThrottleSettings{
			RateLimit:  jsii.Number(deployment.RequestsPerSecond),
			BurstLimit: jsii.Number(deployment.Burst),
		},
	})
	named(stage, deployment.StageID)
	stage.Node().DefaultChild().(awsapigatewayv2.CfnStage).SetAccessLogSettings(
		&awsapigatewayv2.CfnStage_AccessLogSettingsProperty{
			DestinationArn: log.LogGroupArn(),
			Format:         jsii.String(deployment.AccessLogFormat()),
		})
}

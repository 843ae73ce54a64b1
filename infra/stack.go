package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"patrondesk/functions"
)

// stack is the one stack while it is being put together.
type stack struct {
	awscdk.Stack
	settings

	tables      map[string]awsdynamodb.Table // by the name in functions.Tables
	bucket      awss3.Bucket
	mail        awsses.ConfigurationSet
	functions   map[string]awslambda.Function // by the name in functions.All, as are the next four
	logs        map[string]awslogs.LogGroup
	queues      map[string]awssqs.Queue
	undelivered map[string]awssqs.Queue
	deadLetters []awssqs.Queue
	api         awsapigatewayv2.HttpApi
	signIn      signIn
}

// newStack makes everything patrondesk needs in an account.
func newStack(app awscdk.App, set settings) *stack {
	s := &stack{
		Stack: awscdk.NewStack(app, jsii.String("patrondesk-"+set.Stage), &awscdk.StackProps{
			Description: jsii.String("patrondesk: patron services of a library, stage " + set.Stage),
			Tags:        &map[string]*string{"application": jsii.String("patrondesk"), "stage": jsii.String(set.Stage)},
		}),
		settings:    set,
		tables:      map[string]awsdynamodb.Table{},
		functions:   map[string]awslambda.Function{},
		logs:        map[string]awslogs.LogGroup{},
		queues:      map[string]awssqs.Queue{},
		undelivered: map[string]awssqs.Queue{},
	}
	for _, t := range functions.Tables {
		s.addTable(t)
	}
	s.addBucket()
	s.addMail()
	s.addAPI()
	s.addSignIn()
	for _, f := range functions.All {
		s.addFunction(f)
		s.addRoutes(f)
	}
	s.addAlarms()
	s.addDashboard()
	for _, warning := range s.warnings() {
		awscdk.Annotations_Of(s.Stack).AddWarning(jsii.String(warning))
	}
	return s
}

// named gives a resource the same name in the template as template.yaml has, which also keeps the resource when the
// code that makes it moves.
func named(c constructs.Construct, id string) {
	c.Node().DefaultChild().(awscdk.CfnElement).OverrideLogicalId(jsii.String(id))
}

// physical is a name in the account: that of the stage before the thing's own.
func (s *stack) physical(name string) *string {
	return jsii.String("patrondesk-" + s.Stage + "-" + name)
}

// output prints a value at the end of a deployment.
func (s *stack) output(id, says string, value *string) {
	awscdk.NewCfnOutput(s.Stack, jsii.String(id), &awscdk.CfnOutputProps{Description: jsii.String(says), Value: value})
}

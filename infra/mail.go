package main

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsses"
	"github.com/aws/jsii-runtime-go"

	"patrondesk/infra/deployment"
)

// addMail makes what letters are sent with. Mail that cannot go over TLS is not sent, and addresses that bounced or
// complained are not written to again.
func (s *stack) addMail() {
	s.mail = awsses.NewConfigurationSet(s.Stack, jsii.String(deployment.ConfigurationSetID), &awsses.ConfigurationSetProps{
		ConfigurationSetName: s.physical("mail"),
		ReputationMetrics:    jsii.Bool(true),
		SendingEnabled:       jsii.Bool(true),
		SuppressionReasons:   awsses.SuppressionReasons_BOUNCES_AND_COMPLAINTS,
		TlsPolicy:            awsses.ConfigurationSetTlsPolicy_REQUIRE,
	})
	named(s.mail, deployment.ConfigurationSetID)
	if !s.IdentityExists {
		s.addIdentity()
	}
}

// addIdentity makes the SES identity. A domain's DNS records are printed at the end of the deployment; SES sends
// nothing before they are in the zone.
func (s *stack) addIdentity() {
	of := awsses.Identity_Domain(jsii.String(s.MailIdentity))
	domain := !strings.Contains(s.MailIdentity, "@")
	if !domain {
		of = awsses.Identity_Email(jsii.String(s.MailIdentity))
	}
	identity := awsses.NewEmailIdentity(s.Stack, jsii.String(deployment.IdentityID), &awsses.EmailIdentityProps{Identity: of})
	named(identity, deployment.IdentityID)
	if !domain {
		return
	}
	for n, r := range *identity.DkimRecords() {
		s.output(fmt.Sprintf("MailRecord%d", n+1), "A CNAME record for the DNS zone of "+s.MailIdentity,
			awscdk.Fn_Join(jsii.String(" CNAME "), &[]*string{r.Name, r.Value}))
	}
}

// mailARN is the ARN of something of SES, which gives its resources no ARN attribute.
func (s *stack) mailARN(kind string, name *string) *string {
	return s.FormatArn(&awscdk.ArnComponents{
		Service: jsii.String("ses"), Resource: jsii.String(kind), ResourceName: name,
	})
}

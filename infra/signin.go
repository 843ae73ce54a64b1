package main

import (
	"cmp"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/jsii-runtime-go"

	"patrondesk/infra/deployment"
)

// signIn is what the functions are told of the sign-in; all of it is empty where there is none.
type signIn struct{ issuer, audience, claim, logout *string }

// addSignIn makes the sign-in the deployment asks for: the issuer it names, or a user pool of its own. The pool's client
// knows the addresses of the API, and the functions the client, so the API's routes come after both.
func (s *stack) addSignIn() {
	s.output("DeskUrl", "The desk, where library staff sign in and work", s.desk(deployment.DeskPath))
	if s.SignIn == cognito {
		s.addPool()
		return
	}
	s.signIn = signIn{
		issuer: jsii.String(s.Issuer), audience: jsii.String(s.Audience), claim: jsii.String(s.Claim), logout: jsii.String(s.Logout),
	}
	if s.Issuer != "" {
		s.output("SignedInUrl", "To be registered with the issuer: where it sends staff who signed in", s.desk(deployment.SignedInPath))
		s.output("SignedOutUrl", "To be registered with the issuer: where it sends staff who signed out", s.desk(deployment.SignedOutPath))
	}
}

// desk is the address of a page of the desk.
func (s *stack) desk(path string) *string { return jsii.String(*s.api.ApiEndpoint() + path) }

// addPool makes a user pool for the library's staff, the pages it asks for passwords on, and the desk as its one client,
// which has no secret and so proves with PKCE that it is the one who asked.
func (s *stack) addPool() {
	pool := s.addUsers()
	domain := awscognito.NewUserPoolDomain(s.Stack, jsii.String(deployment.DomainID), &awscognito.UserPoolDomainProps{
		UserPool:            pool,
		CognitoDomain:       &awscognito.CognitoDomainOptions{DomainPrefix: jsii.String(cmp.Or(s.SignInDomain, s.domainPrefix()+*s.Account()))},
		ManagedLoginVersion: awscognito.ManagedLoginVersion_NEWER_MANAGED_LOGIN,
	})
	named(domain, deployment.DomainID)
	client := s.addClient(pool)
	awscognito.NewCfnManagedLoginBranding(s.Stack, jsii.String(deployment.BrandingID), &awscognito.CfnManagedLoginBrandingProps{
		UserPoolId: pool.UserPoolId(), ClientId: client.UserPoolClientId(), UseCognitoProvidedValues: jsii.Bool(true),
	})
	s.signIn = signIn{
		issuer: pool.UserPoolProviderUrl(), audience: client.UserPoolClientId(), claim: jsii.String("cognito:username"),
		logout: jsii.String(*domain.BaseUrl(nil) + "/logout?client_id=" + *client.UserPoolClientId() + "&logout_uri="),
	}
	s.output("SignInPoolId", "The user pool of the people who may sign in", pool.UserPoolId())
}

// addUsers makes the pool. Its user names are primary ids of patrons' records, which nobody can choose: only an
// administrator makes users. As with primary ids, capitals do not matter.
func (s *stack) addUsers() awscognito.UserPool {
	mfa := awscognito.Mfa_OPTIONAL
	if s.SignInMFA == "required" {
		mfa = awscognito.Mfa_REQUIRED
	}
	desk := *s.desk(deployment.DeskPath)
	pool := awscognito.NewUserPool(s.Stack, jsii.String(deployment.PoolID), &awscognito.UserPoolProps{
		UserPoolName:        s.physical("staff"),
		FeaturePlan:         awscognito.FeaturePlan_ESSENTIALS,
		SelfSignUpEnabled:   jsii.Bool(false),
		SignInAliases:       &awscognito.SignInAliases{Username: jsii.Bool(true)},
		SignInCaseSensitive: jsii.Bool(false),
		StandardAttributes:  &awscognito.StandardAttributes{Email: &awscognito.StandardAttribute{Required: jsii.Bool(true), Mutable: jsii.Bool(true)}},
		AutoVerify:          &awscognito.AutoVerifiedAttrs{Email: jsii.Bool(true)},
		KeepOriginal:        &awscognito.KeepOriginalAttrs{Email: jsii.Bool(true)},
		AccountRecovery:     awscognito.AccountRecovery_EMAIL_ONLY,
		Mfa:                 mfa,
		MfaSecondFactor:     &awscognito.MfaSecondFactor{Otp: jsii.Bool(true), Sms: jsii.Bool(false)},
		PasswordPolicy: &awscognito.PasswordPolicy{
			MinLength: jsii.Number(12), RequireLowercase: jsii.Bool(true), RequireUppercase: jsii.Bool(true),
			RequireDigits: jsii.Bool(true), RequireSymbols: jsii.Bool(true), TempPasswordValidity: awscdk.Duration_Days(jsii.Number(7)),
		},
		UserInvitation: &awscognito.UserInvitationConfig{
			EmailSubject: jsii.String("Your account for the library's desk"),
			EmailBody: jsii.String("<p>User name: {username}<br>Temporary password: {####}</p>" +
				"<p>Sign in at " + desk + " within 7 days, and choose a password of your own.</p>"),
		},
		UserVerification: &awscognito.UserVerificationConfig{
			EmailSubject: jsii.String("Your code for the library's desk"),
			EmailBody:    jsii.String("The code to choose a new password, or to show that this address is yours: {####}"),
		},
		DeletionProtection: jsii.Bool(true),
		RemovalPolicy:      awscdk.RemovalPolicy_RETAIN,
	})
	named(pool, deployment.PoolID)
	return pool
}

// addClient makes the desk a client of the pool. Its tokens are for signing in alone: the desk keeps sessions of its own.
func (s *stack) addClient(pool awscognito.UserPool) awscognito.UserPoolClient {
	hour := awscdk.Duration_Hours(jsii.Number(1))
	client := awscognito.NewUserPoolClient(s.Stack, jsii.String(deployment.ClientID), &awscognito.UserPoolClientProps{
		UserPool:                   pool,
		UserPoolClientName:         jsii.String("desk"),
		GenerateSecret:             jsii.Bool(false),
		AuthFlows:                  &awscognito.AuthFlow{UserSrp: jsii.Bool(true)},
		PreventUserExistenceErrors: jsii.Bool(true),
		SupportedIdentityProviders: &[]awscognito.UserPoolClientIdentityProvider{awscognito.UserPoolClientIdentityProvider_COGNITO()},
		OAuth: &awscognito.OAuthSettings{
			Flows:        &awscognito.OAuthFlows{AuthorizationCodeGrant: jsii.Bool(true), ImplicitCodeGrant: jsii.Bool(false)},
			Scopes:       &[]awscognito.OAuthScope{awscognito.OAuthScope_OPENID(), awscognito.OAuthScope_PROFILE()},
			CallbackUrls: &[]*string{s.desk(deployment.SignedInPath)},
			LogoutUrls:   &[]*string{s.desk(deployment.SignedOutPath)},
		},
		IdTokenValidity: hour, AccessTokenValidity: hour, RefreshTokenValidity: hour,
	})
	named(client, deployment.ClientID)
	return client
}

package main

import (
	"fmt"
	"strings"
	"testing"

	"patrondesk/functions"
)

// checkSignIn compares what the functions that take tokens are told of the sign-in, of what they have to be told.
func checkSignIn(t *testing.T, made template, want map[string]string) {
	t.Helper()
	told := 0
	for _, f := range functions.All {
		env, _ := get(made.Resources[camel(f.Name)].Properties, "Environment.Variables").(map[string]any)
		for name, value := range want {
			if got, ok := env[name]; ok {
				told++
				if text(got) != value {
					t.Errorf("%s: %s = %s, want %s", f.Name, name, text(got), value)
				}
			} else if f.SignIn && (f.Pages || name != "OIDC_LOGOUT") {
				t.Errorf("%s is not told %s", f.Name, name)
			}
		}
	}
	if told == 0 {
		t.Error("no function is told of the sign-in")
	}
}

// checkOutputs compares outputs with paths of the API; an empty path says that there is no such output.
func checkOutputs(t *testing.T, made template, want map[string]string) {
	t.Helper()
	for name, path := range want {
		out, ok := made.Outputs[name]
		if got := text(out.Value); ok != (path != "") || ok && got != text(made.Outputs["ApiUrl"].Value)+path {
			t.Errorf("the output %s is %s, want the path %q", name, got, path)
		}
	}
}

// TestNoSignIn: a deployment that asks for no sign-in has none, and nothing of Cognito.
func TestNoSignIn(t *testing.T) {
	for name, r := range synthesised.Resources {
		if strings.HasPrefix(r.Type, "AWS::Cognito::") {
			t.Errorf("there is %s, %s", name, r.Type)
		}
	}
	checkSignIn(t, synthesised, map[string]string{"OIDC_ISSUER": "", "OIDC_AUDIENCE": "", "OIDC_CLAIM": "", "OIDC_LOGOUT": ""})
	checkOutputs(t, synthesised, map[string]string{"DeskUrl": "/desk", "SignedInUrl": "", "SignedOutUrl": "", "SignInPoolId": ""})
}

func TestCognito(t *testing.T) {
	made, _ := variant(t, map[string]string{"stage": "pool", "signIn": "cognito", "signInMfa": "required"})
	api := text(made.Outputs["ApiUrl"].Value)
	for name, want := range map[string]map[string]any{
		"SignInPool": {
			"AdminCreateUserConfig.AllowAdminCreateUserOnly":   true,
			"UsernameConfiguration.CaseSensitive":              false,
			"UsernameAttributes":                               nil,
			"AliasAttributes":                                  nil,
			"AccountRecoverySetting.RecoveryMechanisms.0.Name": "verified_email",
			"AccountRecoverySetting.RecoveryMechanisms.1":      nil,
			"MfaConfiguration":                                 "ON",
			"EnabledMfas":                                      []any{"SOFTWARE_TOKEN_MFA"},
			"Policies.PasswordPolicy.MinimumLength":            12,
			"Policies.PasswordPolicy.RequireSymbols":           true,
			"DeletionProtection":                               "ACTIVE",
			"UserPoolTier":                                     "ESSENTIALS",
			"Schema.0.Name":                                    "email",
			"Schema.0.Required":                                true,
			"UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate": []any{"email"},
		},
		"SignInClient": {
			"UserPoolId":                     "${SignInPool}",
			"GenerateSecret":                 false,
			"AllowedOAuthFlows":              []any{"code"},
			"AllowedOAuthScopes":             []any{"openid", "profile"},
			"ExplicitAuthFlows":              []any{"ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
			"SupportedIdentityProviders":     []any{"COGNITO"},
			"CallbackURLs.0":                 api + "/desk/signed-in",
			"CallbackURLs.1":                 nil,
			"LogoutURLs.0":                   api + "/desk/signed-out",
			"LogoutURLs.1":                   nil,
			"PreventUserExistenceErrors":     "ENABLED",
			"IdTokenValidity":                60,
			"AccessTokenValidity":            60,
			"TokenValidityUnits.IdToken":     "minutes",
			"TokenValidityUnits.AccessToken": "minutes",
		},
		"SignInDomain": {"UserPoolId": "${SignInPool}", "Domain": "patrondesk-pool-${AWS::AccountId}", "ManagedLoginVersion": 2},
		"SignInPages":  {"UserPoolId": "${SignInPool}", "ClientId": "${SignInClient}", "UseCognitoProvidedValues": true},
	} {
		r, ok := made.Resources[name]
		if !ok {
			t.Errorf("there is no %s", name)
		}
		for path, value := range want {
			if got := text(get(r.Properties, path)); got != fmt.Sprint(value) {
				t.Errorf("%s: %s = %s, want %v", name, path, got, value)
			}
		}
	}
	if pool := made.Resources["SignInPool"]; pool.DeletionPolicy != "Retain" || pool.UpdateReplacePolicy != "Retain" {
		t.Errorf("the pool is kept: %s, %s", pool.DeletionPolicy, pool.UpdateReplacePolicy)
	}
	checkSignIn(t, made, map[string]string{
		"OIDC_ISSUER": "${SignInPool.ProviderURL}", "OIDC_AUDIENCE": "${SignInClient}", "OIDC_CLAIM": "cognito:username",
		"OIDC_LOGOUT": "https://${SignInDomain}.auth.${AWS::Region}.amazoncognito.com/logout?client_id=${SignInClient}&logout_uri=",
	})
	checkOutputs(t, made, map[string]string{"DeskUrl": "/desk", "SignedInUrl": "", "SignedOutUrl": ""})
	if got := text(made.Outputs["SignInPoolId"].Value); got != "${SignInPool}" {
		t.Errorf("the output SignInPoolId is %s", got)
	}
	for name := range made.Resources {
		if circle := made.circle(name, nil); circle != nil {
			t.Errorf("CloudFormation can make none of %v first", circle)
		}
	}
}

// circle is the way from a resource by what it refers to back to itself, or nil.
func (t template) circle(name string, way []string) []string {
	for i, passed := range way {
		if passed == name {
			return way[i:]
		}
	}
	r := t.Resources[name]
	for _, needed := range append(references(r.Properties), texts(r.DependsOn)...) {
		if circle := t.circle(needed, append(way, name)); circle != nil {
			return circle
		}
	}
	return nil
}

// references are the names a value of a template refers to. CDK writes no Fn::Sub of its own.
func references(v any) []string {
	var all []string
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			all = append(all, references(one)...)
		}
	case map[string]any:
		if len(v) == 1 && v["Ref"] != nil {
			return []string{fmt.Sprint(v["Ref"])}
		}
		if len(v) == 1 && v["Fn::GetAtt"] != nil {
			return []string{fmt.Sprint(get(v, "Fn::GetAtt.0"))}
		}
		for _, one := range v {
			all = append(all, references(one)...)
		}
	}
	return all
}

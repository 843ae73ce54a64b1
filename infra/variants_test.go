package main

import (
	"reflect"
	"strings"
	"testing"

	"patrondesk/functions"
)

// variant is a stack with those values in CDK's context.
func variant(t *testing.T, values map[string]string) (made template, file string) {
	t.Helper()
	made, file, err := synthesise(t.TempDir(), values)
	if err != nil {
		t.Fatal(err)
	}
	return made, file
}

// TestVariant makes the stack with every switch the other way round.
func TestVariant(t *testing.T) {
	other, file := variant(t, map[string]string{
		"stage": "other", "arch": "x86_64", "tracing": "false",
		"mailIdentityExists": "true", "reserveConcurrency": "true", "corsOrigins": "https://desk.example,http://localhost:5173",
		"holdShelfRound": "off", "activityLettersRound": "cron(0 8 15 * ? *)",
		"oidcIssuer": "https://issuer.example", "oidcAudience": "library", "oidcClaim": "email",
		"oidcLogout": "https://issuer.example/out?client_id=library&to=",
	})
	if strings.Contains(file, "xray:") {
		t.Error("roles may still write traces")
	}
	for _, kind := range []string{"AWS::SES::EmailIdentity", "AWS::SNS::Subscription"} {
		if got := other.of(kind); len(got) > 0 {
			t.Errorf("%s: %v, want none", kind, got)
		}
	}
	cors := map[string]any{
		"AllowOrigins": []any{"https://desk.example", "http://localhost:5173"}, "AllowMethods": []any{"GET", "POST", "PUT", "DELETE"},
		"AllowHeaders":  []any{"Authorization", "Content-Type", "Accept", "If-Match", "Idempotency-Key"},
		"ExposeHeaders": []any{"ETag", "Retry-After", "X-Exl-Api-Remaining", "X-Patrondesk-Letter"}, "MaxAge": 3600.0,
	}
	if got := other.Resources["Api"].Properties["CorsConfiguration"]; !reflect.DeepEqual(got, cors) {
		t.Errorf("CORS is %v, want %v", got, cors)
	}
	for path, want := range map[string]any{
		"HoldShelfSchedule.State": "DISABLED", "ActivityLettersSchedule.State": "ENABLED", "ActivityLettersSchedule.ScheduleExpression": "cron(0 8 15 * ? *)",
	} {
		id, property, _ := strings.Cut(path, ".")
		if got := other.Resources[id].Properties[property]; got != want {
			t.Errorf("%s = %v, want %v", path, got, want)
		}
	}
	for _, f := range functions.All {
		p := other.Resources[camel(f.Name)].Properties
		reserved := any(nil)
		if len(f.Drops) > 0 {
			reserved = 1.0
		}
		if p["TracingConfig"] != nil || p["ReservedConcurrentExecutions"] != reserved || get(p, "Architectures.0") != "x86_64" {
			t.Errorf("%s: tracing %v, reserved %v, architecture %v", f.Name, p["TracingConfig"],
				p["ReservedConcurrentExecutions"], p["Architectures"])
		}
	}
	checkSignIn(t, other, map[string]string{
		"OIDC_ISSUER": "https://issuer.example", "OIDC_AUDIENCE": "library", "OIDC_CLAIM": "email",
		"OIDC_LOGOUT": "https://issuer.example/out?client_id=library&to=",
	})
	checkOutputs(t, other, map[string]string{
		"DeskUrl": "/desk", "SignedInUrl": "/desk/signed-in", "SignedOutUrl": "/desk/signed-out", "SignInPoolId": "",
	})
}

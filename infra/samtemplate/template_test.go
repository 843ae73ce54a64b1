package samtemplate

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"patrondesk/infra/deployment"
)

var update = flag.Bool("update", false, "rewrite template.yaml")

func TestGolden(t *testing.T) {
	var got bytes.Buffer
	if err := Write(&got, Options{}); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("..", "..", "template.yaml")
	if *update {
		if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Error("template.yaml is not what functions.go says; run `make template`")
	}
}

func TestLocal(t *testing.T) {
	var got bytes.Buffer
	if err := Write(&got, Options{Local: true, Code: ".", Arch: "x86_64"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"AWS_ENDPOINT_URL_DYNAMODB: \"http://host.docker.internal:8000\"",
		"Default: \"library@demo.example\"", "USERS_TABLE: users\n", "CodeUri: \"./patron-lookup\"", "- x86_64\n",
	} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("the local template has no %s", want)
		}
	}
}

// entry is the value at a path of keys.
func entry(t *testing.T, v any, path ...string) any {
	t.Helper()
	for _, key := range path {
		m, _ := v.(Map)
		i := slices.IndexFunc(m, func(p Pair) bool { return p.Key == key })
		if i < 0 {
			return nil
		}
		v = m[i].Value
	}
	return v
}

// TestParameters: what would deploy and not work has no default, and what not every account allows has to be asked for.
func TestParameters(t *testing.T) {
	all := Template(Options{})
	for parameter, want := range map[string]any{
		"MailFrom": nil, "MailIdentity": nil, "TimeZone": nil, "HoldShelfRound": "on", "ActivityLettersRound": "off", "OidcClaim": "", "OidcAudience": "", "OidcLogout": "", "CorsOrigins": "", "ReserveConcurrency": "false",
	} {
		if got := entry(t, all, "Parameters", parameter, "Default"); got != want {
			t.Errorf("%s is %v by default, want %v", parameter, got, want)
		}
	}
	for parameter, values := range map[string]map[string]bool{
		"MailFrom":     {"library@university.edu": true, "Library <library@university.edu>": false, "university.edu": false, "": false},
		"MailIdentity": {"university.edu": true, "library@university.edu": true, "": false, "university": false, "a b.edu": false},
		"CorsOrigins": {"": true, "*": true, "https://a.example": true, "https://a.example,http://localhost:5173": true,
			"a.example": false, "https://a.example/": false, "https://a.example, https://b.example": false,
			"https://A.example": false, "HTTPS://a.example": false, "*,https://a.example": false, "https://a.example,*": false},
		"TimeZone": {"Europe/London": true, "UTC": true, "America/Argentina/Buenos_Aires": true, "": false, "+01:00": false},
		"HoldShelfRound": {"on": true, "off": true, "cron(30 3 * * ? *)": true, "rate(1 day)": true, "": false, "yes": false,
			"30 3 * * ? *": false, "at(2026-11-23T03:30:00)": false},
		"OidcLogout": {"": true, "https://issuer.example/out?to=": true, "https://issuer.example/out": false, "http://issuer.example/out?to=": false},
		"OidcIssuer": {"": true, "https://issuer.example": true, "http://issuer.example": false},
	} {
		pattern := regexp.MustCompile(entry(t, all, "Parameters", parameter, "AllowedPattern").(string))
		for value, legal := range values {
			if pattern.MatchString(value) != legal {
				t.Errorf("%s %q: legal is %t, want %t", parameter, value, !legal, legal)
			}
		}
	}
	for _, name := range []string{"sis-import", "item-import"} {
		got := entry(t, all, "Resources", deployment.FunctionID(name), "Properties", "ReservedConcurrentExecutions")
		if want := when("Reserve", 1); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v executions are reserved, want %v", name, got, want)
		}
	}
	rule := fmt.Sprint(entry(t, all, "Rules", "SignIn"))
	if !strings.Contains(rule, "OidcAudience must be given") || !strings.Contains(rule, "OidcClaim must be given") {
		t.Errorf("the rule of sign-in is %s", rule)
	}
	if got, want := entry(t, all, "Resources", "Api", "Properties", "CorsConfiguration"), when("Cors", cors()); !reflect.DeepEqual(got, want) {
		t.Errorf("CORS is %v, want %v", got, want)
	}
}

func TestScalar(t *testing.T) {
	tests := []struct {
		v    any
		want string
	}{
		{"plain words", "plain words"},
		{"AWS::S3::Bucket", "AWS::S3::Bucket"},
		{"key: value", `"key: value"`},
		{"trailing:", `"trailing:"`},
		{"true", `"true"`},
		{"No", `"No"`},
		{"2012-10-17", `"2012-10-17"`},
		{"", `""`},
		{"*", `"*"`},
		{"a # b", `"a # b"`},
		{"end ", `"end "`},
		{true, "true"},
		{7, "7"},
		{Ref("X"), "!Ref X"},
		{ARN("X"), "!GetAtt X.Arn"},
		{Sub("${X.Arn}/*"), `!Sub "${X.Arn}/*"`},
	}
	for _, tt := range tests {
		if got := scalar(tt.v); got != tt.want {
			t.Errorf("scalar(%#v) = %s, want %s", tt.v, got, tt.want)
		}
	}
}

func TestWriteFails(t *testing.T) {
	if err := Write(failing{}, Options{}); err != os.ErrClosed {
		t.Errorf("Write = %v, want %v", err, os.ErrClosed)
	}
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, os.ErrClosed }

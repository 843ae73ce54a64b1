package drop

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// signing is a bucket that nobody answers for: what browsers get is signed without a call.
func signing(endpoint *string) *Bucket {
	return NewBucket(s3.NewFromConfig(aws.Config{
		Region: "eu-central-1", BaseEndpoint: endpoint, RetryMaxAttempts: 1,
		Credentials:                credentials.NewStaticCredentialsProvider("AKID", "SECRET", "SESSION"),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported, ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
	}, Options), "drop")
}

// policy is what the form's policy allows: the conditions by name, and the end.
func policy(t *testing.T, fields map[string]string) (conditions map[string]any, expiration string) {
	t.Helper()
	text, err := base64.StdEncoding.DecodeString(fields["policy"])
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Conditions []any
		Expiration string
	}
	if err := json.Unmarshal(text, &p); err != nil {
		t.Fatal(err)
	}
	conditions = map[string]any{}
	for _, c := range p.Conditions {
		switch c := c.(type) {
		case map[string]any:
			for name, value := range c {
				conditions[name] = value
			}
		case []any:
			conditions[c[0].(string)] = c[1:]
		}
	}
	return conditions, p.Expiration
}

func TestForm(t *testing.T) {
	const key, page = "sis/A/20261123T090000-users.xml", "https://desk.example/imports"
	for _, done := range []string{"", page} {
		address, fields, expires, err := signing(nil).Form(t.Context(), key, done)
		if err != nil || address != "https://drop.s3.eu-central-1.amazonaws.com" {
			t.Errorf("got %s, %v", address, err)
		}
		conditions, expiration := policy(t, fields)
		if expiration != expires.Format(time.RFC3339) || time.Until(expires) > formHolds || time.Until(expires) < formHolds-time.Minute {
			t.Errorf("it expires at %s, and the policy at %s", expires, expiration)
		}
		if got := conditions["content-length-range"]; !reflect.DeepEqual(got, []any{1.0, 5368709120.0}) {
			t.Errorf("the file may have %v bytes", got)
		}
		// S3 refuses a form with a field its policy does not name, and a policy that names one the form lacks.
		delete(conditions, "content-length-range")
		delete(conditions, "bucket")
		for name, value := range fields {
			if name != "policy" && name != "X-Amz-Signature" && conditions[name] != value {
				t.Errorf("the policy has %v for %s, the form %s", conditions[name], name, value)
			}
		}
		if conditions["key"] != key || fields[redirectField] != done || fields["X-Amz-Security-Token"] != "SESSION" || len(conditions) != len(fields)-2 {
			t.Errorf("got the conditions %v and the fields %v", conditions, fields)
		}
	}
}

func TestLink(t *testing.T) {
	address, err := signing(aws.String("http://127.0.0.1:9000")).Link(t.Context(), "rejected/A/0f0f-a b.xml", `0f0f-a"b ü.xml`)
	if err != nil {
		t.Fatal(err)
	}
	link, err := url.Parse(address)
	if err != nil || link.Host != "127.0.0.1:9000" || link.Path != "/drop/rejected/A/0f0f-a b.xml" {
		t.Errorf("got %s, %v", address, err)
	}
	q := link.Query()
	if q.Get("X-Amz-Expires") != "300" || q.Get("X-Amz-SignedHeaders") != "host" || q.Get("response-content-disposition") != "attachment; filename*=utf-8''0f0f-a%22b%20%C3%BC.xml" {
		t.Errorf("got %v", q)
	}
}

func TestFormOfADirectory(t *testing.T) {
	dir := t.TempDir()
	d, err := NewDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	address, fields, expires, err := d.Form(t.Context(), "items/a.csv", "https://desk.example/")
	if err != nil || !strings.HasPrefix(address, "file:///") || fields["key"] != "items/a.csv" || fields[redirectField] != "https://desk.example/" || time.Until(expires) > formHolds {
		t.Errorf("got %s, %v, %s, %v", address, fields, expires, err)
	}
	if link, err := d.Link(t.Context(), "rejected/a b.xml", ""); err != nil || link != address+"/rejected/a%20b.xml" {
		t.Errorf("got %s, %v", link, err)
	}
}

func TestOrigin(t *testing.T) {
	for name, tt := range map[string]struct {
		set  func(*s3.Options)
		want string
	}{
		"of AWS":           {func(*s3.Options) {}, "https://library.s3.eu-west-1.amazonaws.com"},
		"of both versions": {func(o *s3.Options) { o.EndpointOptions.UseDualStackEndpoint = aws.DualStackEndpointStateEnabled }, "https://library.s3.dualstack.eu-west-1.amazonaws.com"},
		"of a stand-in": {func(o *s3.Options) {
			o.BaseEndpoint = aws.String("http://127.0.0.1:9000")
			Options(o)
		}, "http://127.0.0.1:9000"},
	} {
		client := s3.New(s3.Options{Region: "eu-west-1"}, tt.set)
		if got := NewBucket(client, "library").Origin(); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

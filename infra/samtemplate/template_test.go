package samtemplate

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
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
		"USERS_TABLE: users\n", "CodeUri: \"./patron-lookup\"", "- x86_64\n",
	} {
		if !strings.Contains(got.String(), want) {
			t.Errorf("the local template has no %s", want)
		}
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

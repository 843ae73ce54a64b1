package functions_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// mayImport is what each package of ours may import of ours, itself and standard library aside. A package that is not
// here may import nothing of ours.
var mayImport = map[string]string{
	"patron": "", "fulfillment": "", "job": "",
	"institution": "patron fulfillment",
	"directory":   "patron",
	"letter":      "patron fulfillment institution job language",
	"alma":        "patron fulfillment institution letter job",
	"obs":         "alma",
	"auth":        "patron alma obs",
	"language":    "",
	"session":     "patron",
	"apigw":       "alma obs",
	"dynamo":      "patron fulfillment job letter auth directory session",
	"mail":        "letter",
	"drop":        "job obs",
	"sisfile":     "alma institution",
	"outbox":      "letter patron",
	"rounds":      "patron fulfillment job institution drop letter outbox dynamo",
	"sis":         "patron fulfillment job alma institution drop sisfile letter",
	"itemlist":    "patron fulfillment job alma institution drop",
	"api":         "patron fulfillment institution directory letter job alma apigw obs auth dynamo outbox",
	"boot":        "apigw auth institution obs patron session",
	"desk":        "patron fulfillment institution job letter language session alma auth apigw obs",

	"sis/synthetic":          "",
	"sis/synthetic/generate": "sis/synthetic",
	"dynamo/embedded":        "dynamo functions",
	"dynamo/dynamotest":      "dynamo dynamo/embedded",
	"dynamo/dynamodblocal":   "",
	"auth/authtest":          "auth",
	"functions":              "",
}

// knowAWS are the packages of ours, mains aside, that may import the AWS SDK. boot makes its configuration.
var knowAWS = strings.Fields("dynamo dynamo/embedded dynamo/dynamotest dynamo/dynamodblocal mail drop boot")

// listed is a package as the go command lists it.
type listed struct {
	ImportPath, Name string
	Imports          []string
}

// TestImportDirection holds architecture.md's layout: the domain imports nothing of ours, the store and the wire
// import the domain, the API sits on top, and the list of functions refers to no handler.
func TestImportDirection(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range packages(t) {
		name := short(p.ImportPath)
		if p.Name == "main" && strings.HasPrefix(name, "functions/") {
			continue // a main wires whatever it needs
		}
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("%s is a package the import rules do not know; add it to them", p.ImportPath)
		}
		seen[name] = true
		for _, i := range p.Imports {
			if strings.HasPrefix(i, "patrondesk/") && !slices.Contains(strings.Fields(allowed), short(i)) {
				t.Errorf("%s imports %s, which it may not", p.ImportPath, i)
			}
			if strings.HasPrefix(i, "github.com/aws/aws-sdk-go-v2") && !slices.Contains(knowAWS, name) {
				t.Errorf("%s imports %s; only %v and mains know the AWS SDK", p.ImportPath, i, knowAWS)
			}
		}
	}
	for name := range mayImport {
		if !seen[name] {
			t.Errorf("the import rules tell of %s, which is not there", name)
		}
	}
}

// TestListIsDataAlone holds that functions.go imports the standard library alone, and that no domain package reaches
// the AWS SDK or the network by way of another.
func TestListIsDataAlone(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "patrondesk/functions", "patrondesk/internal/patron", "patrondesk/internal/fulfillment",
		"patrondesk/internal/institution", "patrondesk/internal/job", "patrondesk/internal/letter", "patrondesk/internal/directory").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, dependency := range strings.Fields(string(out)) {
		if strings.Contains(dependency, "aws") || dependency == "net/http" {
			t.Errorf("the domain reaches %s", dependency)
		}
	}
}

func short(path string) string {
	return strings.TrimPrefix(strings.TrimPrefix(path, "patrondesk/"), "internal/")
}

// packages are all packages of this module.
func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Name,Imports", "patrondesk/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/jsii-runtime-go"

	"patrondesk/functions"
)

// synthesised is the template all tests look at; making one takes seconds.
var synthesised template

func TestMain(m *testing.M) {
	code, err := runTests(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func runTests(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "patrondesk-infra-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	defer jsii.Close()
	if synthesised, _, err = synthesise(dir, map[string]string{"stage": "test", "alarmEmail": "desk@test.example"}); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// synthesise makes the stack with those values in CDK's context, in the directory; file is the template as text.
func synthesise(dir string, values map[string]string) (made template, file string, err error) {
	values["dist"] = filepath.Join(dir, "dist")
	if err := fakeBuild(values["dist"]); err != nil {
		return template{}, "", err
	}
	set, err := settingsFrom(context(values))
	if err != nil {
		return template{}, "", err
	}
	app := newApp(filepath.Join(dir, "out"))
	newStack(app, set)
	app.Synth(nil)
	text, err := os.ReadFile(filepath.Join(dir, "out", "patrondesk-"+set.Stage+".template.json"))
	if err != nil {
		return template{}, "", err
	}
	err = json.Unmarshal(text, &made)
	return made, string(text), err
}

// fakeBuild puts something to package where the built functions would be.
func fakeBuild(dist string) error {
	for _, f := range functions.All {
		if err := os.MkdirAll(filepath.Join(dist, f.Name), 0o755); err != nil {
			return err
		}
		for _, file := range []string{"bootstrap", "institution.json"} {
			if err := os.WriteFile(filepath.Join(dist, f.Name, file), []byte(f.Name), 0o755); err != nil {
				return err
			}
		}
	}
	return nil
}

// context is a context with the given values, on the settings of testdata.
func context(values map[string]string) func(name, or string) string {
	return func(name, or string) string {
		if v, ok := values[name]; ok {
			return v
		}
		if name == "institution" {
			return filepath.Join("testdata", "institution.json")
		}
		return or
	}
}

// template is a CloudFormation template.
type template struct {
	Resources map[string]resource
	Outputs   map[string]struct{ Value any }
}

type resource struct {
	Type                string
	Properties          map[string]any
	DeletionPolicy      string
	UpdateReplacePolicy string
	DependsOn           any
}

// of are the names of the resources of a type, in order.
func (t template) of(kind string) []string {
	var names []string
	for name, r := range t.Resources {
		if r.Type == kind {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// get is the value at a path of keys and indexes such as "Rules.0.Id"; nil when there is none.
func get(v any, path string) any {
	for _, step := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			var n int
			if _, err := fmt.Sscan(step, &n); err != nil || n >= len(at) {
				return nil
			}
			v = at[n]
		default:
			return nil
		}
	}
	return v
}

// values are a value that is one or a list of them.
func values(v any) []any {
	if list, ok := v.([]any); ok {
		return list
	}
	if v == nil {
		return nil
	}
	return []any{v}
}

// text is a value of a template as the text of a Fn::Sub, so that Ref, Fn::GetAtt, Fn::Join and Fn::Sub that mean the
// same are the same.
func text(v any) string {
	m, ok := v.(map[string]any)
	if !ok {
		return fmt.Sprint(v)
	}
	switch {
	case m["Ref"] != nil:
		return "${" + fmt.Sprint(m["Ref"]) + "}"
	case m["Fn::Sub"] != nil:
		return fmt.Sprint(m["Fn::Sub"])
	case m["Fn::GetAtt"] != nil:
		return "${" + fmt.Sprint(get(m, "Fn::GetAtt.0")) + "." + fmt.Sprint(get(m, "Fn::GetAtt.1")) + "}"
	case m["Fn::Join"] != nil:
		var parts []string
		for _, part := range values(get(m, "Fn::Join.1")) {
			parts = append(parts, text(part))
		}
		return strings.Join(parts, fmt.Sprint(get(m, "Fn::Join.0")))
	}
	return fmt.Sprint(v)
}

func texts(v any) []string {
	var all []string
	for _, one := range values(v) {
		all = append(all, text(one))
	}
	return all
}

// statement is a statement of a policy.
type statement struct {
	Effect             string
	Actions, Resources []string
	Condition          any
}

func statements(document any) []statement {
	var all []statement
	for _, s := range values(get(document, "Statement")) {
		all = append(all, statement{
			Effect:  fmt.Sprint(get(s, "Effect")),
			Actions: texts(get(s, "Action")), Resources: texts(get(s, "Resource")), Condition: get(s, "Condition"),
		})
	}
	return all
}

// policies are the statements of every policy in the template, by the resource they are in.
func (t template) policies() map[string][]statement {
	all := map[string][]statement{}
	for name, r := range t.Resources {
		if d := r.Properties["PolicyDocument"]; d != nil {
			all[name] = append(all[name], statements(d)...)
		}
		for _, p := range values(r.Properties["Policies"]) {
			all[name] = append(all[name], statements(get(p, "PolicyDocument"))...)
		}
	}
	return all
}

package mail

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/smithy-go/middleware"
)

// inbox is a running SES stand-in with its mailbox.
type inbox struct{ url string }

// stored is a mail as the stand-in lists it.
type stored struct {
	MessageID   string `json:"messageId"`
	From        string `json:"from"`
	ReplyTo     []string
	Destination struct{ To, CC, BCC []string }
	Subject     string
	Body        struct{ HTML, Text string }
}

// startInbox starts the stand-in that the local run uses too. Without it the test is skipped, but fails in CI.
func startInbox(t *testing.T) inbox {
	t.Helper()
	cli, ok := findCLI()
	node, err := exec.LookPath("node")
	if !ok || err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("aws-ses-v2-local is missing: npm ci in infra/local")
		}
		t.Skip("aws-ses-v2-local is missing: npm ci in infra/local")
	}
	port := freePort(t)
	cmd := exec.Command(node, cli, "--host", "127.0.0.1", "--port", port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	box := inbox{url: "http://127.0.0.1:" + port}
	for range 200 {
		if resp, err := http.Get(box.url + "/health-check"); err == nil {
			resp.Body.Close()
			return box
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("aws-ses-v2-local did not start")
	return inbox{}
}

// findCLI looks for the stand-in going up from the working directory.
func findCLI() (path string, ok bool) {
	dir, err := os.Getwd()
	if err != nil {
		return "", false
	}
	for {
		path = filepath.Join(dir, "infra/local/node_modules/aws-ses-v2-local/dist/cli.js")
		if _, err := os.Stat(path); err == nil {
			return path, true
		}
		if dir == filepath.Dir(dir) {
			return "", false
		}
		dir = filepath.Dir(dir)
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// mails are what the mailbox holds.
func (b inbox) mails(t *testing.T) []stored {
	t.Helper()
	resp, err := http.Get(b.url + "/store")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var all struct{ Emails []stored }
	if err := json.NewDecoder(resp.Body).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all.Emails
}

// client is an SES client for the endpoint; around is called instead of each call, which it may make.
func client(url string, around func(ctx context.Context, in *sesv2.SendEmailInput, call func() error) error) *sesv2.Client {
	return sesv2.New(sesv2.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(url),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
		APIOptions: []func(*middleware.Stack) error{func(stack *middleware.Stack) error {
			if around == nil {
				return nil
			}
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("around", func(ctx context.Context,
				in middleware.InitializeInput, next middleware.InitializeHandler) (out middleware.InitializeOutput, meta middleware.Metadata, err error) {
				err = around(ctx, in.Parameters.(*sesv2.SendEmailInput), func() error {
					out, meta, err = next.HandleInitialize(ctx, in)
					return err
				})
				return out, meta, err
			}), middleware.Before)
		}},
	})
}

// sender does not wait long between attempts.
func sender(url string, around func(context.Context, *sesv2.SendEmailInput, func() error) error) *Sender {
	s := New(client(url, around), "patrondesk")
	s.pause = time.Millisecond
	return s
}

func sample() Mail {
	return Mail{
		From: "Bücherei der Demo-Universität <library@demo.example>", ReplyTo: "desk@demo.example",
		To: "thomas.ahrendt@demo.example", Subject: "Übersicht – Ihrer Aufträge",
		HTML: "<p>Grüße 📚</p>\r\n", Text: "Grüße 📚\r\n", LetterID: "01JDEXAMPLE0000000000000000",
	}
}

func TestSend(t *testing.T) {
	box := startInbox(t)
	var seen *sesv2.SendEmailInput
	s := sender(box.url, func(_ context.Context, in *sesv2.SendEmailInput, call func() error) error {
		seen = in
		return call()
	})
	id, err := s.Send(t.Context(), sample())
	if err != nil || id == "" {
		t.Fatalf("got %q, %v", id, err)
	}
	mails := box.mails(t)
	if len(mails) != 1 {
		t.Fatalf("%d mails arrived, want 1", len(mails))
	}
	got, want := mails[0], sample()
	if got.MessageID != id || got.Subject != want.Subject || got.Body.HTML != want.HTML || got.Body.Text != want.Text {
		t.Errorf("what arrived differs from what was sent: %+v", got)
	}
	if fmt.Sprint(got.Destination.To) != "["+want.To+"]" || fmt.Sprint(got.ReplyTo) != "[desk@demo.example]" {
		t.Errorf("it went to %v with answers to %v", got.Destination, got.ReplyTo)
	}
	if from := "=?utf-8?q?B=C3=BCcherei_der_Demo-Universit=C3=A4t?= <library@demo.example>"; got.From != from {
		t.Errorf("from is %q, want %q", got.From, from)
	}
	if len(seen.EmailTags) != 1 || *seen.EmailTags[0].Name != "letter" || *seen.EmailTags[0].Value != want.LetterID {
		t.Errorf("tags are %+v", seen.EmailTags)
	}
	if aws.ToString(seen.ConfigurationSetName) != "patrondesk" {
		t.Errorf("the configuration set is %q", aws.ToString(seen.ConfigurationSetName))
	}
	for _, c := range []*string{seen.Content.Simple.Subject.Charset, seen.Content.Simple.Body.Html.Charset, seen.Content.Simple.Body.Text.Charset} {
		if aws.ToString(c) != "UTF-8" {
			t.Errorf("a charset is %q", aws.ToString(c))
		}
	}
}

func TestNoConfigurationSet(t *testing.T) {
	in, err := New(client("http://127.0.0.1:1", nil), "").input(sample())
	if err != nil || in.ConfigurationSetName != nil {
		t.Errorf("got %v, %v; want none", aws.ToString(in.ConfigurationSetName), err)
	}
}

func TestRefusesUnsafeEnvelopes(t *testing.T) {
	tests := map[string]func(m *Mail){
		"line break in the subject":     func(m *Mail) { m.Subject = "Report\r\nBcc: all@demo.example" },
		"line feed in the subject":      func(m *Mail) { m.Subject = "Report\nBcc: all@demo.example" },
		"line break in To":              func(m *Mail) { m.To = "a@demo.example\r\nBcc: b@demo.example" },
		"line break in From":            func(m *Mail) { m.From = "Library\r\nBcc: b@demo.example <a@demo.example>" },
		"line break in ReplyTo":         func(m *Mail) { m.ReplyTo = "a@demo.example\nBcc: b@demo.example" },
		"NUL in To":                     func(m *Mail) { m.To = "a\x00@demo.example" },
		"two addresses in To":           func(m *Mail) { m.To = "a@demo.example, b@demo.example" },
		"a name in To":                  func(m *Mail) { m.To = "A <a@demo.example>" },
		"a comment in To":               func(m *Mail) { m.To = "a@demo.example (b@demo.example)" },
		"no address in To":              func(m *Mail) { m.To = "" },
		"no domain in To":               func(m *Mail) { m.To = "thomas" },
		"To that SES cannot carry":      func(m *Mail) { m.To = "änne@demo.example" },
		"no From":                       func(m *Mail) { m.From = "" },
		"ReplyTo that is no address":    func(m *Mail) { m.ReplyTo = "the desk" },
		"no letter id":                  func(m *Mail) { m.LetterID = "" },
		"a letter id that is not a tag": func(m *Mail) { m.LetterID = "a b" },
	}
	called := func(context.Context, *sesv2.SendEmailInput, func() error) error {
		t.Error("SES was called")
		return nil
	}
	for name, change := range tests {
		m := sample()
		change(&m)
		_, err := sender("http://127.0.0.1:1", called).Send(t.Context(), m)
		reason, certain := refused(err)
		if !certain || reason == "" || strings.Contains(err.Error(), "demo.example") {
			t.Errorf("%s: got %q (certain %v), %v", name, reason, certain, err)
		}
	}
}

// FuzzEnvelope holds that what passes has no line break and one recipient.
func FuzzEnvelope(f *testing.F) {
	f.Add("Library <a@demo.example>", "b@demo.example", "c@demo.example", "Subject")
	f.Add("\"a\r\nb\" <a@demo.example>", "=?utf-8?q?=0d=0a?= <b@demo.example>", "<c@demo.example>", "x\r\nTo: y")
	f.Fuzz(func(t *testing.T, from, replyTo, to, subject string) {
		env, err := check(Mail{From: from, ReplyTo: replyTo, To: to, Subject: subject, LetterID: "1"})
		if err != nil {
			return
		}
		if strings.ContainsAny(env.from+env.replyTo+env.to+subject, "\r\n\x00") {
			t.Errorf("a line break passed: %q %q", env, subject)
		}
		if !isASCII(env.from+env.replyTo+env.to) || strings.ContainsAny(env.to, " ,<>") && !strings.Contains(env.to, `"`) {
			t.Errorf("the envelope is not safe: %q", env)
		}
	})
}

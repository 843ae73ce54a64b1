package api

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/smithy-go/middleware"

	"patrondesk/internal/mail"
	"patrondesk/internal/outbox"
)

// unreachable is an address at which nobody listens.
const unreachable = "http://127.0.0.1:1"

// around is called instead of each call to SES, which it may make.
type around func(call func() error) error

// sesClient is a client of the SES at url.
func sesClient(url string, around around) *sesv2.Client {
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
				err = around(func() error {
					out, meta, err = next.HandleInitialize(ctx, in)
					return err
				})
				return out, meta, err
			}), middleware.Before)
		}},
	})
}

// mailbox is a running SES stand-in, the one the local run uses.
type mailbox struct {
	t   *testing.T
	url string
}

// arrived is a mail as the stand-in lists it.
type arrived struct {
	From        string
	ReplyTo     []string
	Destination struct{ To, CC, BCC []string }
	Subject     string
	Body        struct{ HTML, Text string }
}

// newMailbox starts the stand-in. Without it the test is skipped, but fails in CI.
func newMailbox(t *testing.T) *mailbox {
	t.Helper()
	cli, err := filepath.Abs("../../infra/local/node_modules/aws-ses-v2-local/dist/cli.js")
	if err == nil {
		_, err = os.Stat(cli)
	}
	node, nodeErr := exec.LookPath("node")
	if err != nil || nodeErr != nil {
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
	box := &mailbox{t: t, url: "http://127.0.0.1:" + port}
	for range 400 {
		if res, err := http.Get(box.url + "/health-check"); err == nil {
			res.Body.Close()
			return box
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("aws-ses-v2-local did not start")
	return nil
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
func (b *mailbox) mails() []arrived {
	b.t.Helper()
	res, err := http.Get(b.url + "/store")
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	var all struct{ Emails []arrived }
	if err := json.NewDecoder(res.Body).Decode(&all); err != nil {
		b.t.Fatal(err)
	}
	return all.Emails
}

// to are the mails that went to the address.
func (b *mailbox) to(address string) []arrived {
	b.t.Helper()
	var own []arrived
	for _, m := range b.mails() {
		if len(m.Destination.To) == 1 && m.Destination.To[0] == address {
			own = append(own, m)
		}
	}
	return own
}

// mailTo lets the desk send its letters to the mailbox.
func (d *desk) mailTo(box *mailbox, around around) {
	d.Outbox = outbox.New(d.Store, mail.New(sesClient(box.url, around), "patrondesk"), d.Now)
}

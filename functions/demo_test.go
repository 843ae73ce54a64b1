package functions_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"patrondesk/functions"
	"patrondesk/internal/api"
	"patrondesk/internal/apigw"
	"patrondesk/internal/auth"
	"patrondesk/internal/auth/authtest"
	"patrondesk/internal/desk"
	"patrondesk/internal/directory"
	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/itemlist"
	"patrondesk/internal/job"
	"patrondesk/internal/mail"
	"patrondesk/internal/obs"
	"patrondesk/internal/outbox"
	"patrondesk/internal/rounds"
	"patrondesk/internal/session"
	"patrondesk/internal/sis"
)

// secret is that of a key that may do everything. It is in the sample events.
const secret = "pd_sample"

// demo is a library: the functions on tables and a bucket of their own, and an SES that takes every letter.
type demo struct {
	t      testing.TB
	client *dynamodb.Client
	tables dynamo.Tables
	inst   *institution.Institution
	issuer *authtest.Issuer
	bucket string // a directory
	ses    string
}

// newDemo holds a patron with a barcode and a member of staff, both with an e-mail address, and seven items.
func newDemo(t testing.TB) *demo {
	t.Helper()
	inst, err := institution.Read("../infra/institution.json")
	if err != nil {
		t.Fatal(err)
	}
	l := &demo{t: t, client: dynamotest.Client(t), tables: dynamotest.Tables(t), inst: inst, issuer: authtest.NewIssuer(t), bucket: t.TempDir()}
	ses := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"MessageId":"1"}`))
	}))
	t.Cleanup(ses.Close)
	l.ses = ses.URL
	store := l.store(l.client)
	key := auth.Key{Hash: auth.HashSecret(secret), Name: "sample", Rights: auth.AllRights(), Created: time.Now()}
	if err := store.SaveAPIKey(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= 7; n++ {
		it := fulfillment.Item{ID: fmt.Sprint(1000 + n), Barcode: fmt.Sprint("B", 1000+n), MMSID: fmt.Sprint(990 + n), Title: "A walk along the river Lorn", Library: fulfillment.Code{Value: "MAIN"}}
		if _, _, err := store.SaveItem(t.Context(), it); err != nil {
			t.Fatal(err)
		}
	}
	l.must(200, "user-update", "POST /almaws/v1/users", nil, "", borrowerJSON("thomas", "21000001"))
	staff := strings.Replace(patronJSON("desk", "21000002"), "{", `{"user_role":[`+
		`{"role_type":{"value":"200"},"scope":{"value":"01DEMO_INST"},"status":{"value":"ACTIVE"}},{"role_type":{"value":"221"},"scope":{"value":"MAIN"},"status":{"value":"ACTIVE"}},`+
		`{"role_type":{"value":"26"},"scope":{"value":"MAIN"},"status":{"value":"ACTIVE"}}],`, 1)
	l.must(200, "user-update", "POST /almaws/v1/users", nil, "", staff)
	return l
}

func patronJSON(id, barcode string) string {
	return `{"record_type":{"value":"PUBLIC"},"account_type":{"value":"INTERNAL"},"primary_id":"` + id + `","last_name":"Ahrendt","user_group":{"value":"01"},` +
		`"user_identifier":[{"id_type":{"value":"BARCODE"},"value":"` + barcode + `"}],` +
		`"contact_info":{"email":[{"preferred":true,"email_address":"` + id + `@readers.example","email_type":[{"value":"work"}]}]}}`
}

// borrowerJSON is a patron who may borrow.
func borrowerJSON(id, barcode string) string {
	return strings.Replace(patronJSON(id, barcode), "{", `{"user_role":[{"role_type":{"value":"200"},"scope":{"value":"01DEMO_INST"},"status":{"value":"ACTIVE"}}],`, 1)
}

func (l *demo) store(client *dynamodb.Client) *dynamo.Store {
	return dynamo.New(client, l.tables, time.Now)
}

// invocation is a function of the HTTP API, wired as its main does, on that client.
func (l *demo) invocation(name string, client *dynamodb.Client) apigw.Invocation {
	l.t.Helper()
	store := l.store(client)
	files, err := drop.NewDir(l.bucket)
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { files.Close() })
	a := &api.API{
		Bucket: files, Store: store, Institution: l.inst, Now: time.Now, Directory: directory.New(store, dynamo.Shards),
		Guard:  auth.New(store, store, l.issuer.Verifier(), time.Now, l.inst.Code, "MAIN", "SCIENCE"),
		Outbox: l.outbox(store),
	}
	handler, ok := a.Function(name)
	if f, _ := functions.Named(name); f.Pages {
		d := &desk.Desk{API: a.Every(), People: a.Guard, Sessions: store, Provider: &session.Provider{}, Institution: l.inst, Now: time.Now, Clock: time.Now}
		handler, ok = d.Handler(), true
	}
	if !ok {
		l.t.Fatalf("nothing answers for %s", name)
	}
	return apigw.Handler(obs.Middleware(name, slog.New(slog.DiscardHandler), handler))
}

func (l *demo) outbox(store *dynamo.Store) *outbox.Outbox {
	ses := sesv2.New(sesv2.Options{Region: "eu-central-1", BaseEndpoint: &l.ses, Credentials: aws.AnonymousCredentials{}})
	return outbox.New(store, mail.New(ses, "patrondesk"), time.Now)
}

// imports is a function that a dropped file starts, with the directory in the place of the bucket. A round is made ten
// days from now.
func (l *demo) imports(name string, client *dynamodb.Client) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	l.t.Helper()
	dir, err := drop.NewDir(l.bucket)
	if err != nil {
		l.t.Fatal(err)
	}
	store := l.store(client)
	inbox := drop.Inbox{Source: dir, Sink: dir, Jobs: store, Log: slog.New(slog.DiscardHandler), Now: time.Now}
	if f, _ := functions.Named(name); f.Round != nil {
		inbox.Now = func() time.Time { return time.Now().AddDate(0, 0, 10) }
	}
	switch name {
	case "sis-import":
		return drop.Handler(inbox.Log, sis.New(inbox, store, store, nil, l.inst).Process)
	case "item-import":
		return drop.Handler(inbox.Log, itemlist.New(inbox, store, l.inst).Process)
	case job.ActivityLetters:
		return drop.Handler(inbox.Log, rounds.NewActivity(inbox, store, dynamo.Shards, l.outbox(store), l.inst).Process)
	}
	return drop.Handler(inbox.Log, rounds.NewHolds(inbox, store, l.inst).Process)
}

// drop puts a file into the bucket and returns the event that tells of it.
func (l *demo) drop(key, version, text string) events.SQSEvent {
	l.t.Helper()
	path := filepath.Join(l.bucket, key)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		l.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		l.t.Fatal(err)
	}
	body, err := json.Marshal(drop.Object{Bucket: "demo", Key: key, VersionID: version, Time: time.Now()})
	if err != nil {
		l.t.Fatal(err)
	}
	return events.SQSEvent{Records: []events.SQSMessage{{MessageId: "1", Body: string(body)}}}
}

// ask is the event of a request with the sample key, or with a token of who.
func (l *demo) ask(route string, params map[string]string, query, body, who string) events.APIGatewayV2HTTPRequest {
	method, _, _ := strings.Cut(route, " ")
	authorization := "apikey " + secret
	if who != "" {
		authorization = l.issuer.Bearer(who, nil)
	}
	ev := events.APIGatewayV2HTTPRequest{Version: "2.0", RouteKey: route, PathParameters: params, RawQueryString: query, Body: body,
		Headers: map[string]string{"authorization": authorization, "accept": "application/json", "content-type": "application/json"}}
	ev.RequestContext.HTTP.Method = method
	return ev
}

// must invokes a function and returns the body of its answer, which has that status.
func (l *demo) must(status int, name, route string, params map[string]string, query, body string) string {
	l.t.Helper()
	res, err := l.invocation(name, l.client)(l.t.Context(), l.ask(route, params, query, body, ""))
	if err != nil || res.StatusCode != status {
		l.t.Fatalf("%s: got %d %s, %v; want %s", route, res.StatusCode, res.Body, err, http.StatusText(status))
	}
	return res.Body
}

// sampleToken is that of the session in the sample event.
const sampleToken = "SAMPLE"

// signedIn begins the sample's session, of somebody at the circulation desk of the main library.
func (l *demo) signedIn(primaryID string) {
	l.t.Helper()
	store := l.store(l.client)
	p, err := store.Patron(l.t.Context(), primaryID)
	if err != nil {
		l.t.Fatal(err)
	}
	s, _ := session.New(p.UID, time.Now())
	s.Hash, s.Library, s.Desk = session.Hash(sampleToken), "MAIN", "DEFAULT_CIRC_DESK"
	if _, err := store.SaveSession(l.t.Context(), s); err != nil {
		l.t.Fatal(err)
	}
}

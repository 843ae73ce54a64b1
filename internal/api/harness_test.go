package api

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"patrondesk/functions"
	"patrondesk/internal/apigw"
	"patrondesk/internal/auth"
	"patrondesk/internal/auth/authtest"
	"patrondesk/internal/directory"
	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/mail"
	"patrondesk/internal/outbox"
)

// allRights is the secret of a key that may do everything.
const allRights = "pd_all-rights"

// desk is the whole API on fresh tables, with the demo institution's settings, an issuer of tokens, and an SES at whose
// address nobody answers until a test gives it one.
type desk struct {
	*API
	t      testing.TB
	server *httptest.Server
	tables dynamo.Tables
	issuer *authtest.Issuer
	files  *drop.Dir // in the place of the bucket
}

func newDesk(t testing.TB, opts ...dynamotest.Option) *desk {
	t.Helper()
	tables := dynamotest.Tables(t)
	d := openDesk(t, tables, dynamotest.Open(t, tables, opts...))
	d.key(allRights, auth.AllRights()...)
	return d
}

// openDesk is a desk on tables that are there, and whose API works with that store; keys and items go past it.
func openDesk(t testing.TB, tables dynamo.Tables, store *dynamo.Store) *desk {
	t.Helper()
	inst, err := institution.Read("../../infra/institution.json")
	if err != nil {
		t.Fatal(err)
	}
	files, err := drop.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { files.Close() })
	d := &desk{t: t, tables: tables, issuer: authtest.NewIssuer(t), files: files}
	api := &API{
		Store: store, Institution: inst, Now: time.Now,
		Guard:     auth.New(store, store, d.issuer.Verifier(), time.Now, inst.Code, "MAIN", "SCIENCE"),
		Directory: directory.New(store, dynamo.Shards),
		Bucket:    files,
		Outbox:    outbox.New(store, mail.New(sesClient(unreachable, nil), ""), time.Now),
	}
	d.API = api
	mux := http.NewServeMux()
	for _, f := range functions.All {
		if f.Pages {
			continue
		}
		handler, ok := api.Function(f.Name)
		for _, route := range f.Routes {
			if !ok {
				t.Fatalf("nothing answers %s of %s", route, f.Name)
			}
			mux.Handle(apigw.Pattern(route), handler)
		}
	}
	d.server = httptest.NewServer(mux)
	t.Cleanup(d.server.Close)
	return d
}

// key stores an API key with that secret.
func (d *desk) key(secret string, rights ...auth.Right) {
	d.t.Helper()
	d.storeKey(auth.Key{Name: "test", Rights: rights, Created: time.Now()}, secret)
}

// storeKey stores a key under its secret.
func (d *desk) storeKey(key auth.Key, secret string) {
	d.t.Helper()
	key.Hash = auth.HashSecret(secret)
	if err := dynamotest.Open(d.t, d.tables).SaveAPIKey(d.t.Context(), key); err != nil {
		d.t.Fatal(err)
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// call sends a request with the key of all rights and JSON both ways; headers are "Name: value", and
// an empty value takes the header away.
func (d *desk) call(method, path, body string, headers ...string) answer {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.server.URL+"/almaws/v1"+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	r.Header.Set("Authorization", "apikey "+allRights)
	r.Header.Set("Accept", "application/json")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Del(name)
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	res, err := d.server.Client().Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// must is call with an answer of that status.
func (d *desk) must(status int, method, path, body string, headers ...string) answer {
	d.t.Helper()
	a := d.call(method, path, body, headers...)
	if a.status != status {
		d.t.Fatalf("%s %s: got %d %s, want %d", method, path, a.status, a.body, status)
	}
	return a
}

// object is the answer's JSON object.
func (a answer) object(t testing.TB) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal([]byte(a.body), &o); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	return o
}

// objectOrNil is the answer's JSON object, or nil when it has none.
func (a answer) objectOrNil() map[string]any {
	var o map[string]any
	_ = json.Unmarshal([]byte(a.body), &o)
	return o
}

// code is the first error code of Alma's envelope, or "".
func (a answer) code() string {
	var envelope struct {
		ErrorList struct {
			Error []struct{ ErrorCode string }
		}
	}
	if json.Unmarshal([]byte(a.body), &envelope) == nil && len(envelope.ErrorList.Error) > 0 {
		return envelope.ErrorList.Error[0].ErrorCode
	}
	if _, after, ok := strings.Cut(a.body, "<errorCode>"); ok {
		code, _, _ := strings.Cut(after, "<")
		return code
	}
	return ""
}

// item stores an item of the library.
func (d *desk) item(id, barcode, mms string) fulfillment.Item {
	d.t.Helper()
	it := fulfillment.Item{
		ID: id, Barcode: barcode, MMSID: mms, HoldingID: "22" + id, Title: "A title of " + mms, Author: "An author",
		Library: fulfillment.Code{Value: "MAIN", Desc: "Main Library"},
	}
	if _, _, err := dynamotest.Open(d.t, d.tables).SaveItem(d.t.Context(), it); err != nil {
		d.t.Fatal(err)
	}
	return it
}

// person is the JSON of an internal patron; more are further members, as `"name": value`.
func person(primaryID string, more ...string) string {
	members := append([]string{
		`"record_type":{"value":"PUBLIC"}`, `"account_type":{"value":"INTERNAL"}`, `"primary_id":"` + primaryID + `"`,
		`"first_name":"Ada"`, `"last_name":"Byron"`, `"user_group":{"value":"01"}`,
	}, more...)
	return "{" + strings.Join(members, ",") + "}"
}

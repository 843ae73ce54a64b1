package desk

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/oklog/ulid/v2"

	"patrondesk/internal/api"
	"patrondesk/internal/auth"
	"patrondesk/internal/directory"
	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/mail"
	"patrondesk/internal/outbox"
	"patrondesk/internal/patron"
	"patrondesk/internal/session"
)

// library is the desk on fresh tables, with the demo institution's settings and a mail service nobody answers for.
type library struct {
	t      testing.TB
	store  *dynamo.Store
	files  *drop.Dir // in the place of the bucket
	desk   *Desk
	server *httptest.Server
	now    time.Time // of the library's clock; the zero time stands for the machine's own
}

func newLibrary(t testing.TB, opts ...dynamotest.Option) *library {
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
	lib := &library{t: t, files: files}
	lib.store = dynamotest.Store(t, append([]dynamotest.Option{dynamotest.Clock(lib.clock)}, opts...)...)
	guard := auth.New(lib.store, lib.store, nil, time.Now, inst.Code, "MAIN", "SCIENCE")
	ses := sesv2.New(sesv2.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String("http://127.0.0.1:1"), RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	a := &api.API{
		Store: lib.store, Institution: inst, Guard: guard, Directory: directory.New(lib.store, dynamo.Shards),
		Outbox: outbox.New(lib.store, mail.New(ses, ""), lib.clock), Bucket: files, Now: lib.clock,
	}
	lib.desk = &Desk{
		API: a.Every(), People: guard, Sessions: lib.store, Institution: inst, Now: lib.clock, Clock: time.Now,
		Provider: &session.Provider{Issuer: "http://127.0.0.1:1", Client: "patrondesk", Claim: "preferred_username", Now: time.Now},
	}
	lib.server = httptest.NewServer(lib.desk.Handler())
	t.Cleanup(lib.server.Close)
	return lib
}

func (lib *library) clock() time.Time {
	if lib.now.IsZero() {
		return time.Now()
	}
	return lib.now
}

// patron stores an internal patron with the Patron role; changes are applied before.
func (lib *library) patron(primaryID string, changes ...func(*patron.Patron)) patron.Patron {
	lib.t.Helper()
	p := patron.Patron{
		UID: ulid.Make().String(), RecordType: patron.Public, AccountType: patron.Internal, Status: patron.Active,
		PrimaryID: primaryID, FirstName: "Ada", LastName: "Byron",
		Roles: []patron.Role{role(patron.PatronRole, lib.desk.Institution.Code)},
	}
	p.UserGroup = patron.Code{Value: "01"}
	p.PreferredLanguage = patron.Code{Value: "en"}
	for _, change := range changes {
		change(&p)
	}
	created, err := lib.store.CreatePatron(lib.t.Context(), p)
	if err != nil {
		lib.t.Fatal(err)
	}
	return created
}

func role(code, scope string) patron.Role {
	return patron.Role{Type: patron.Code{Value: code}, Status: patron.Code{Value: "ACTIVE"}, Scope: patron.Code{Value: scope}}
}

// barcode gives a patron a barcode, and email an address.
func barcode(value string) func(*patron.Patron) {
	return func(p *patron.Patron) {
		p.Identifiers = append(p.Identifiers, patron.Identifier{Type: patron.Code{Value: "BARCODE"}, Value: value, Status: patron.Active})
	}
}

func email(address string) func(*patron.Patron) {
	return func(p *patron.Patron) {
		p.Emails = append(p.Emails, patron.Email{Address: address, Preferred: true, Types: []patron.Code{{Value: "personal"}}})
	}
}

// external makes a patron one of the SIS.
func external(p *patron.Patron) {
	p.AccountType, p.ExternalID = patron.External, "REGISTRAR"
	sticky := p.StickyFields
	p.SIS = &sticky
}

// item stores an item of the main library.
func (lib *library) item(id, barcode, mms string) fulfillment.Item {
	lib.t.Helper()
	it := fulfillment.Item{
		ID: id, Barcode: barcode, MMSID: mms, HoldingID: "22" + id, Title: "A title of " + mms, Author: "An author",
		Library: fulfillment.Code{Value: "MAIN", Desc: "Main Library"},
	}
	if _, _, err := lib.store.SaveItem(lib.t.Context(), it); err != nil {
		lib.t.Fatal(err)
	}
	return it
}

// browser is a browser in which somebody is signed in, or nobody.
type browser struct {
	lib     *library
	client  *http.Client
	cookies map[string]string
	// language is what it asks for pages in.
	language string
}

// anybody is a browser in which nobody is signed in.
func (lib *library) anybody() *browser {
	client := *lib.server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &browser{lib: lib, client: &client, cookies: map[string]string{}}
}

// staff is a browser in which somebody with those roles is signed in, at the circulation desk of the main library. Their
// primary id is made of the roles.
func (lib *library) staff(roles ...string) *browser {
	lib.t.Helper()
	p := lib.patron("staff."+strings.Join(roles, "."), func(p *patron.Patron) {
		p.FirstName, p.LastName = "Ines", "Calloway"
		for _, code := range roles {
			p.Roles = append(p.Roles, role(code, "MAIN"))
		}
	})
	return lib.signIn(p.PrimaryID)
}

// signIn is a browser in which the person is signed in.
func (lib *library) signIn(primaryID string) *browser {
	lib.t.Helper()
	p, err := lib.store.Patron(lib.t.Context(), primaryID)
	if err != nil {
		lib.t.Fatal(err)
	}
	s, token := session.New(p.UID, time.Now())
	s.Library, s.Desk = "MAIN", "DEFAULT_CIRC_DESK"
	if _, err := lib.store.SaveSession(lib.t.Context(), s); err != nil {
		lib.t.Fatal(err)
	}
	b := lib.anybody()
	b.cookies[sessionCookie] = token
	return b
}

// shown is what a browser was answered.
type shown struct {
	status int
	header http.Header
	body   string
}

// location is where it was sent.
func (s shown) location() string { return s.header.Get("Location") }

func (b *browser) get(path string) shown { return b.ask(http.MethodGet, path, nil) }

// post sends a form.
func (b *browser) post(path string, form url.Values) shown {
	if form == nil {
		form = url.Values{}
	}
	return b.ask(http.MethodPost, path, form)
}

// follow is the page a form leads to.
func (b *browser) follow(s shown) shown {
	b.lib.t.Helper()
	if s.status != http.StatusSeeOther {
		b.lib.t.Fatalf("got %d %s, want a redirect", s.status, s.body)
	}
	return b.get(s.location())
}

func (b *browser) ask(method, path string, form url.Values) shown {
	b.lib.t.Helper()
	r, err := http.NewRequestWithContext(b.lib.t.Context(), method, b.lib.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.lib.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept-Language", b.language)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.lib.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.lib.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return shown{res.StatusCode, res.Header, string(body)}
}

// has fails the test unless the page says each of the texts.
func (s shown) has(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(s.body, text) {
			t.Errorf("the page (%d) does not say %q:\n%s", s.status, text, s.body)
		}
	}
}

// lacks fails the test if the page says one of the texts.
func (s shown) lacks(t testing.TB, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(s.body, text) {
			t.Errorf("the page (%d) says %q:\n%s", s.status, text, s.body)
		}
	}
}

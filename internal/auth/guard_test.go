package auth

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/obs"
	"patrondesk/internal/patron"
)

// world is a guard with an issuer, keys and people.
type world struct {
	guard  *Guard
	store  *store
	clock  *clock
	issuer *issuer
	signer signer
}

func newWorld(t *testing.T) *world {
	w := &world{store: &store{keys: testKeys(), people: people()}, clock: newClock(), issuer: newIssuer(t), signer: newEC(t, "1")}
	w.issuer.set(false, w.signer.public())
	v := NewVerifier(w.issuer.URL, audience, "preferred_username", http.DefaultClient, w.clock.now)
	w.guard = New(w.store, w.store, v, w.clock.now, "01DEMO_INST", "MAIN")
	return w
}

// authorization is the header of a caller: a key, a token of a person by primary id, or none.
func (w *world) authorization(t *testing.T, who string) string {
	switch {
	case who == "":
		return ""
	case strings.HasPrefix(who, "pd_"):
		return "apikey " + who
	case strings.Contains(who, " "):
		return who
	}
	return "Bearer " + w.signer.sign(t, claims(w.issuer.URL, map[string]any{"preferred_username": who}))
}

// ask sends a request to a protected route and returns the answer and the caller the handler saw.
func (w *world) ask(t *testing.T, a Access, r *http.Request) (*httptest.ResponseRecorder, Caller) {
	t.Helper()
	var caller Caller
	mux := http.NewServeMux()
	pattern := "/almaws/v1/users"
	h := w.guard.Protect(a, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		caller = CallerFrom(r.Context())
		if r.Header.Get("Authorization") != "" || strings.Contains(r.URL.String()+r.RequestURI, "pd_") {
			t.Error("the handler saw credentials")
		}
	}))
	mux.Handle(pattern, h)
	mux.Handle(pattern+"/{user_id}", h)
	rec := httptest.NewRecorder()
	mux.ServeHTTP(rec, r.WithContext(obs.WithTrackingID(r.Context(), "track-1")))
	return rec, caller
}

// Every kind of caller against every kind of access: the status each gets.
func TestProtect(t *testing.T) {
	w := newWorld(t)
	kinds := []struct {
		name   string
		access Access
		method string
	}{
		{"read users", Access{Right: UsersRead}, "GET"},
		{"write users", Access{Right: UsersWrite}, "PUT"},
		{"read fulfilment", Access{Right: FulfilmentRead}, "GET"},
		{"write fulfilment", Access{Right: FulfilmentWrite}, "POST"},
		{"read configuration", Access{Right: ConfigurationRead}, "GET"},
		{"write configuration", Access{Right: ConfigurationWrite}, "PUT"},
		{"read users or oneself", Access{Right: UsersRead, Self: true}, "GET"},
		{"write users or oneself", Access{Right: UsersWrite, Self: true}, "PUT"},
	}
	tests := []struct {
		who  string
		want []int // by kind, on somebody else's record
	}{
		{"", []int{400, 400, 400, 400, 400, 400, 400, 400}},
		{"pd_unknown", []int{400, 400, 400, 400, 400, 400, 400, 400}},
		{"Basic dTpw", []int{400, 400, 400, 400, 400, 400, 400, 400}},
		{"pd_none", []int{400, 400, 400, 400, 400, 400, 400, 400}},
		{"pd_users_read", []int{200, 400, 400, 400, 400, 400, 200, 400}},
		{"pd_users_write", []int{200, 200, 400, 400, 400, 400, 200, 200}},
		{"pd_fulfilment", []int{400, 400, 200, 200, 400, 400, 400, 400}},
		{"pd_all", []int{200, 200, 200, 200, 200, 200, 200, 200}},
		{"pd_tomorrow", []int{200, 200, 200, 200, 200, 200, 200, 200}},
		{"pd_expired", []int{403, 403, 403, 403, 403, 403, 403, 403}},
		{"pd_revoked", []int{403, 403, 403, 403, 403, 403, 403, 403}},
		{"Bearer nonsense", []int{401, 401, 401, 401, 401, 401, 401, 401}},
		{"desk", []int{200, 200, 200, 200, 200, 403, 200, 200}},
		{"DESK", []int{200, 200, 200, 200, 200, 403, 200, 200}},
		{"limited", []int{200, 403, 200, 403, 200, 403, 200, 403}},
		{"requests", []int{200, 403, 200, 200, 200, 403, 200, 403}},
		{"usermanager", []int{200, 200, 403, 403, 200, 403, 200, 200}},
		{"admin", []int{200, 403, 403, 403, 200, 200, 200, 403}},
		{"lastday", []int{200, 200, 200, 200, 200, 403, 200, 200}},
		{"plain", []int{403, 403, 403, 403, 403, 403, 403, 403}},
		{"roleless", []int{403, 403, 403, 403, 403, 403, 403, 403}},
		{"lapsed", []int{403, 403, 403, 403, 403, 403, 403, 403}},
		{"foreign", []int{403, 403, 403, 403, 403, 403, 403, 403}},
		{"inactive", []int{403, 403, 403, 403, 403, 403, 403, 403}},
		{"expired", []int{403, 403, 403, 403, 403, 403, 403, 403}},
		{"nobody", []int{403, 403, 403, 403, 403, 403, 403, 403}},
		{"B-desk", []int{403, 403, 403, 403, 403, 403, 403, 403}}, // a barcode signs nobody in
	}
	for _, tt := range tests {
		for i, kind := range kinds {
			r := httptest.NewRequest(kind.method, "/almaws/v1/users/other", nil)
			if h := w.authorization(t, tt.who); h != "" {
				r.Header.Set("Authorization", h)
			}
			rec, _ := w.ask(t, kind.access, r)
			if rec.Code != tt.want[i] {
				t.Errorf("%q, %s: got %d, want %d", tt.who, kind.name, rec.Code, tt.want[i])
			}
		}
	}
}

// A patron reads what is under their own record and nothing else, and cannot tell who else there is.
func TestProtectSelf(t *testing.T) {
	w := newWorld(t)
	self, read := Access{Right: UsersRead, Self: true}, Access{Right: UsersRead}
	tests := []struct {
		who, method, path string
		access            Access
		want              int
	}{
		{"plain", "GET", "/plain", self, 200},
		{"plain", "HEAD", "/plain", self, 200},
		{"plain", "GET", "/PLAIN", self, 200},
		{"plain", "GET", "/b-plain", self, 200},
		{"plain", "GET", "/ME", self, 200},
		{"plain", "GET", "/me", self, 403},
		{"plain", "GET", "/B-plain?user_id_type=BARCODE", self, 200},
		{"plain", "GET", "/B-plain?user_id_type=all_unique", self, 200},
		{"plain", "GET", "/plain?user_id_type=BARCODE", self, 403},
		{"plain", "GET", "/plain?user_id_type=linking_id", self, 403},
		{"plain", "GET", "/B-plain?user_id_type=BARCODE&user_id_type=linking_id", self, 403},
		{"plain", "GET", "/desk", self, 403},
		{"plain", "GET", "/nobody", self, 403},
		{"plain", "GET", "/plain%2F", self, 403},
		{"plain", "GET", "", self, 403},
		{"plain", "GET", "/plain", read, 403},
		{"plain", "PUT", "/plain", self, 403},
		{"plain", "POST", "/plain", self, 403},
		{"plain", "DELETE", "/ME", self, 403},
		{"lapsed", "GET", "/lapsed", self, 200},
		{"inactive", "GET", "/inactive", self, 403},
		{"expired", "GET", "/ME", self, 403},
		{"desk", "GET", "/ME", self, 200},
		{"pd_fulfilment", "GET", "/ME", self, 400},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(tt.method, "/almaws/v1/users"+tt.path, nil)
		r.Header.Set("Authorization", w.authorization(t, tt.who))
		if rec, _ := w.ask(t, tt.access, r); rec.Code != tt.want {
			t.Errorf("%s %s by %s: got %d, want %d", tt.method, tt.path, tt.who, rec.Code, tt.want)
		}
	}
	answers := make(map[string]bool)
	for _, path := range []string{"/desk", "/nobody"} {
		r := httptest.NewRequest("GET", "/almaws/v1/users"+path, nil)
		r.Header.Set("Authorization", w.authorization(t, "plain"))
		rec, _ := w.ask(t, self, r)
		answers[rec.Body.String()] = true
	}
	if len(answers) != 1 {
		t.Errorf("the answers tell who exists: %v", answers)
	}
}

func TestCaller(t *testing.T) {
	w := newWorld(t)
	tests := []struct {
		who  string
		want Caller
	}{
		{"pd_users_read", Caller{Kind: KeyCaller, Name: "users_read", Rights: []Right{UsersRead}}},
		{"admin", Caller{Kind: StaffCaller, Name: "admin", UID: "01admin", PrimaryID: "admin", Rights: []Right{ConfigurationWrite, UsersRead}, ReleasesJobs: true}},
		{"plain", Caller{Kind: PatronCaller, Name: "plain", UID: "01plain", PrimaryID: "plain"}},
	}
	for _, tt := range tests {
		r := httptest.NewRequest("GET", "/almaws/v1/users/ME", nil)
		r.Header.Set("Authorization", w.authorization(t, tt.who))
		_, got := w.ask(t, Access{Right: UsersRead, Self: true}, r)
		if got.Kind != tt.want.Kind || got.Name != tt.want.Name || got.UID != tt.want.UID || got.PrimaryID != tt.want.PrimaryID || got.ReleasesJobs != tt.want.ReleasesJobs || !slices.Equal(got.Rights, tt.want.Rights) {
			t.Errorf("%s: got %+v, want %+v", tt.who, got, tt.want)
		}
	}
	if CallerFrom(context.Background()).May(UsersRead) {
		t.Error("nobody may read users")
	}
}

func TestRefusalForms(t *testing.T) {
	w := newWorld(t)
	expired := w.signer.sign(t, claims(w.issuer.URL, map[string]any{"exp": noon.Add(-time.Hour).Unix()}))
	tests := []struct {
		name, header, query, contentType, challenge string
		status                                      int
		contains                                    []string
		tracked                                     bool
	}{
		{"no key", "", "", "application/xml", "", 400, []string{"<errorCode>UNAUTHORIZED</errorCode>", "API-key not defined or not configured to allow this API."}, false},
		{"key without the right", "apikey pd_fulfilment", "", "application/xml", "", 400, []string{"<errorCode>UNAUTHORIZED</errorCode>"}, false},
		{"expired key", "apikey pd_expired", "", "application/xml", "", 403, []string{"<errorCode>INVALID_REQUEST</errorCode>"}, false},
		{"key and token", "Bearer " + expired, "&apikey=pd_all", "application/xml", "", 400, []string{"<errorCode>UNAUTHORIZED</errorCode>"}, false},
		{"expired token", "Bearer " + expired, "", "application/json", `Bearer error="invalid_token", error_description="the token expired"`, 401, []string{`"errorCode":"UNAUTHORIZED"`}, true},
		{"valid token", w.authorization(t, "plain"), "", "application/json", "", 403, []string{`"errorCode":"FORBIDDEN"`}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/almaws/v1/users/other?format=json"+tt.query, nil)
			r.Header.Set("Accept", "application/json")
			if tt.header != "" {
				r.Header.Set("Authorization", tt.header)
			}
			rec, _ := w.ask(t, Access{Right: UsersRead}, r)
			body := rec.Body.String()
			if rec.Code != tt.status || !strings.HasPrefix(rec.Header().Get("Content-Type"), tt.contentType) || rec.Header().Get("WWW-Authenticate") != tt.challenge {
				t.Errorf("got %d %v", rec.Code, rec.Header())
			}
			for _, c := range tt.contains {
				if !strings.Contains(body, c) {
					t.Errorf("%q is not in %s", c, body)
				}
			}
			if strings.Contains(body, "track-1") != tt.tracked || strings.Contains(body, "pd_") {
				t.Errorf("tracking id: got %s", body)
			}
		})
	}
}

func TestKeysAreRemembered(t *testing.T) {
	w := newWorld(t)
	get := func(secret string) int {
		r := httptest.NewRequest("GET", "/almaws/v1/users?apikey="+secret, nil)
		rec, _ := w.ask(t, Access{Right: UsersRead}, r)
		return rec.Code
	}
	for range 3 {
		get("pd_all")
		get("pd_unknown")
	}
	if w.store.asked != 2 {
		t.Errorf("got %d look-ups, want 2", w.store.asked)
	}
	k := w.store.keys[HashSecret("pd_all")]
	k.Revoked = noon
	w.store.keys[HashSecret("pd_all")] = k
	w.clock.pass(KeyAge)
	if got := get("pd_all"); got != 403 {
		t.Errorf("revoked, after KeyAge: got %d, want 403", got)
	}
	for range 3 * keysKept {
		get(NewSecret())
	}
	if n := len(w.guard.keys.unknown); n > keysKept {
		t.Errorf("got %d unknown keys in memory, want at most %d", n, keysKept)
	}
	before := w.store.asked
	if get("pd_all"); w.store.asked != before {
		t.Error("a flood of guesses pushed out a key in use")
	}
}

// A key that expires while it is remembered stops at once.
func TestRememberedKeyExpires(t *testing.T) {
	w := newWorld(t)
	w.store.keys[HashSecret("pd_all")] = Key{Rights: AllRights(), Expires: noon.Add(time.Second)}
	for _, want := range []int{200, 403} {
		r := httptest.NewRequest("GET", "/almaws/v1/users?apikey=pd_all", nil)
		if rec, _ := w.ask(t, Access{Right: UsersRead}, r); rec.Code != want {
			t.Errorf("got %d, want %d", rec.Code, want)
		}
		w.clock.pass(time.Second)
	}
}

// Trouble behind the guard is nobody's fault and lets nobody in.
func TestTroubleIs500(t *testing.T) {
	w := newWorld(t)
	w.store.err = errors.New("throttled")
	for _, who := range []string{"pd_all", "desk", "nobody"} {
		r := httptest.NewRequest("GET", "/almaws/v1/users/x", nil)
		r.Header.Set("Authorization", w.authorization(t, who))
		if who == "nobody" {
			w.store.err = nil
			w.issuer.set(true)
			w.guard.verifier = NewVerifier(w.issuer.URL, audience, "preferred_username", http.DefaultClient, w.clock.now)
		}
		if rec, _ := w.ask(t, Access{Right: UsersRead}, r); rec.Code != 500 {
			t.Errorf("%s: got %d, want 500", who, rec.Code)
		}
	}
	without := New(w.store, w.store, nil, w.clock.now)
	if _, err := without.admitPerson(httptest.NewRequest("GET", "/", nil), "a.b.c", Access{}); err == nil {
		t.Error("a token was taken without a verifier")
	}
}

func TestRights(t *testing.T) {
	tests := []struct {
		list string
		want []Right
	}{
		{"users:read", []Right{UsersRead}},
		{" users:read , fulfilment:write", []Right{UsersRead, FulfilmentWrite}},
		{"", nil},
		{"users", nil},
		{"users:read,", nil},
		{"fulfillment:read", nil},
	}
	for _, tt := range tests {
		got, err := ParseRights(tt.list)
		if !slices.Equal(got, tt.want) && tt.want != nil || (err == nil) != (tt.want != nil) {
			t.Errorf("%q: got %v, %v", tt.list, got, err)
		}
	}
}

func TestNewSecret(t *testing.T) {
	a, b := NewSecret(), NewSecret()
	if a == b || len(a) != len("pd_")+32 || !strings.HasPrefix(a, "pd_") || !isWord(a) {
		t.Errorf("got %q, %q", a, b)
	}
	if got, want := HashSecret("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCallersInTheSameProcess(t *testing.T) {
	t.Parallel()
	g := New(&store{}, &store{}, nil, time.Now)
	h := g.Protect(Access{Right: UsersWrite, Self: true}, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(CallerFrom(r.Context()).Name))
	}))
	for _, tt := range []struct {
		name string
		with context.Context
		want int
	}{
		{"one who may", WithCaller(t.Context(), Caller{Kind: StaffCaller, Name: "ines", Rights: []Right{UsersWrite}}), 200},
		{"one who may not", WithCaller(t.Context(), Caller{Kind: StaffCaller, Name: "ines", Rights: []Right{FulfilmentWrite}}), 403},
		{"nobody in particular", WithCaller(t.Context(), Caller{}), 403},
		{"none", t.Context(), 400},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(tt.with, "POST", "/almaws/v1/users", nil))
		if w.Code != tt.want {
			t.Errorf("%s: got %d %s, want %d", tt.name, w.Code, w.Body, tt.want)
		}
	}
}

func TestWorksAt(t *testing.T) {
	t.Parallel()
	at := func(code, scope string, desks ...string) patron.Role {
		r := role(code, scope)
		for _, d := range desks {
			r.Parameters = append(r.Parameters, patron.RoleParameter{Type: patron.Code{Value: "CirculationDesk"}, Value: patron.Code{Value: d}})
		}
		return r
	}
	for _, tt := range []struct {
		name string
		role patron.Role
		want bool
	}{
		{"operator of the library", at("32", "MAIN"), true},
		{"operator of the desk", at("32", "MAIN", "FRONT"), true},
		{"operator of that desk and another", at("32", "MAIN", "BACK", "FRONT"), true},
		{"operator of another desk", at("32", "MAIN", "BACK"), false},
		{"operator of another library", at("32", "SCIENCE", "FRONT"), false},
		{"operator of every library", at("32", "INST"), true},
		{"limited operator", at("299", "MAIN"), true},
		{"user manager", at("21", "INST"), false},
		{"patron", at("200", "INST"), false},
	} {
		if got := WorksAt([]patron.Role{tt.role}, "INST", "MAIN", "FRONT", noon); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

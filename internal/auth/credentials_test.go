package auth

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestTakeCredentials(t *testing.T) {
	tests := []struct {
		name, header, query string
		want                credentials
		rest                string
	}{
		{"nothing", "", "a=1", credentials{}, "a=1"},
		{"key in the header", "apikey pd_x", "", credentials{key: "pd_x"}, ""},
		{"scheme in any case", "ApiKey  pd_x ", "", credentials{key: "pd_x"}, ""},
		{"key in the query", "", "apikey=pd_x", credentials{key: "pd_x"}, ""},
		{"in the middle", "", "q=a%20b&apikey=pd_x&limit=2", credentials{key: "pd_x"}, "q=a%20b&limit=2"},
		{"escaped", "", "%61pikey=pd%5Fx&q=%zz", credentials{key: "pd_x"}, "q=%zz"},
		{"in another case", "", "APIKEY=pd_x", credentials{key: "pd_x"}, ""},
		{"the same twice", "apikey pd_x", "apikey=pd_x", credentials{key: "pd_x"}, ""},
		{"two different", "apikey pd_x", "apikey=pd_y", credentials{key: "pd_y", refused: true}, ""},
		{"two in the query", "", "apikey=pd_x&apikey=pd_y", credentials{key: "pd_y", refused: true}, ""},
		{"empty in the query", "", "apikey=", credentials{refused: true}, ""},
		{"unreadable", "", "apikey=%zz", credentials{refused: true}, ""},
		{"token", "Bearer a.b.c", "", credentials{token: "a.b.c"}, ""},
		{"token and key", "Bearer a.b.c", "apikey=pd_x", credentials{key: "pd_x", token: "a.b.c", refused: true}, ""},
		{"two headers joined", "apikey pd_x,Bearer a.b.c", "", credentials{refused: true}, ""},
		{"another scheme", "Basic dTpw", "", credentials{refused: true}, ""},
		{"scheme alone", "apikey", "", credentials{refused: true}, ""},
		{"two words", "apikey a b", "", credentials{refused: true}, ""},
		{"too long", "apikey " + strings.Repeat("x", maxCredential+1), "", credentials{refused: true}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/u?"+tt.query, nil)
			if tt.header != "" {
				r.Header.Set("Authorization", tt.header)
			}
			got := takeCredentials(r)
			if got != tt.want || r.URL.RawQuery != tt.rest {
				t.Errorf("got %+v, %q left; want %+v, %q", got, r.URL.RawQuery, tt.want, tt.rest)
			}
			if r.Header.Get("Authorization") != "" || strings.Contains(r.RequestURI, "pd_") {
				t.Errorf("credentials are left in the request: %v %s", r.Header, r.RequestURI)
			}
		})
	}
}

func FuzzParseAuthorization(f *testing.F) {
	for _, h := range []string{"", "apikey x", "APIKEY  x", "Bearer a.b.c", "Basic x", "apikey", "apikey\tx", "apikey x,y", "bearer \x00", "apikey ü"} {
		f.Add(h)
	}
	f.Fuzz(func(t *testing.T, header string) {
		c := parseAuthorization(header)
		shown := c.key + c.token
		if c.key != "" && c.token != "" || c.refused && shown != "" {
			t.Fatalf("%q: got %+v, which is two things", header, c)
		}
		if strings.ContainsAny(shown, " \t\r\n,") || !strings.Contains(header, shown) {
			t.Fatalf("%q: got %+v", header, c)
		}
		if !c.refused && shown == "" && strings.Trim(header, " \t") != "" {
			t.Fatalf("%q shows nothing", header)
		}
	})
}

func FuzzTakeKeys(f *testing.F) {
	for _, q := range []string{"", "apikey=x", "a=1&apikey=x&b", "%61pikey", "&&", "apikey", "APIkey=%zz", "a;apikey=x"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		rest, keys := takeKeys(query)
		again, more := takeKeys(rest)
		if len(more) > 0 || again != rest {
			t.Fatalf("%q: keys are left in %q", query, rest)
		}
		if len(keys) == 0 && rest != query {
			t.Fatalf("%q became %q", query, rest)
		}
	})
}

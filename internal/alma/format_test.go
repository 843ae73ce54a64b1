package alma

import (
	"net/http/httptest"
	"testing"
)

func TestFormat(t *testing.T) {
	tests := []struct {
		accept, query string
		json          bool
	}{
		{"", "", false},
		{"*/*", "", false},
		{"application/json", "", true},
		{"Application/JSON ; charset=utf-8", "", true},
		{"text/json", "", true},
		{"application/xml", "", false},
		{"text/xml", "", false},
		{"application/json, text/plain, */*", "", true},
		{"application/json;q=0.5, application/xml;q=0.9", "", false},
		{"application/json;q=0.9, application/xml;q=0.5", "", true},
		{"application/json, application/xml", "", true},
		{"application/xml, application/json", "", false},
		{"application/*", "", false},
		{"application/*;q=0.1, application/json;q=0.2", "", true},
		{"application/json;q=0, */*", "", false},
		{"application/xml;q=0, */*", "", true},
		{"application/json;q=nonsense", "", false},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "", false},
		{"text/html", "", false},
		{"application/xml", "?format=json", true},
		{"application/json", "?format=XML", false},
		{"application/json", "?format=csv", true},
	}
	for _, test := range tests {
		r := httptest.NewRequest("GET", "/"+test.query, nil)
		if test.accept != "" {
			r.Header.Set("Accept", test.accept)
		}
		if got := wantsJSON(r); got != test.json {
			t.Errorf("Accept %q %s: JSON %v, want %v", test.accept, test.query, got, test.json)
		}
	}
}

func TestWrite(t *testing.T) {
	for query, want := range map[string][2]string{
		"?format=json": {jsonType, `{"total_record_count":0}`},
		"?format=xml":  {xmlType, xmlDeclaration + `<users total_record_count="0"></users>`},
	} {
		w := httptest.NewRecorder()
		if err := Write(w, httptest.NewRequest("GET", "/"+query, nil), Users{}); err != nil {
			t.Fatal(err)
		}
		if got := w.Body.String(); w.Code != 200 || got != want[1] {
			t.Errorf("%d %s, want %s", w.Code, got, want[1])
		}
		if got := w.Header().Get("Content-Type"); got != want[0] {
			t.Errorf("Content-Type %s, want %s", got, want[0])
		}
		if w.Header().Get("X-Exl-Api-Remaining") != apiRemaining {
			t.Error("no X-Exl-Api-Remaining")
		}
	}
	w := httptest.NewRecorder()
	if err := Write(w, httptest.NewRequest("GET", "/", nil), make(chan int)); err == nil || w.Body.Len() != 0 {
		t.Errorf("an object that cannot be encoded: %v, %q", err, w.Body)
	}
}

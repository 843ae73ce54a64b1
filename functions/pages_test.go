package functions_test

import (
	"encoding/xml"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"patrondesk/functions"
	"patrondesk/internal/apigw"
)

// pages is the desk as a browser sees it behind the gateway, in which somebody is signed in.
type pages struct {
	t      testing.TB
	invoke apigw.Invocation
	routes []route
	token  string
}

// route is one of the desk's, with what its path looks like.
type route struct {
	key  string
	path *regexp.Regexp
}

func (l *demo) pages(client *dynamodb.Client) *pages {
	p := &pages{t: l.t, invoke: l.invocation("staff-desk", client), token: sampleToken}
	f, _ := functions.Named("staff-desk")
	keys := slices.Clone(f.Routes)
	slices.SortFunc(keys, func(a, b string) int { return strings.Count(a, "{") - strings.Count(b, "{") }) // the gateway prefers the most exact one
	for _, key := range keys {
		_, path, _ := strings.Cut(key, " ")
		pattern := regexp.MustCompile(`\{(\w+)\+?\}`).ReplaceAllString(path, `(?P<$1>[^/]+)`)
		p.routes = append(p.routes, route{key, regexp.MustCompile("^" + pattern + "$")})
	}
	return p
}

// ask sends what a browser sends, and is the page it is led to.
func (p *pages) ask(method, address string, form url.Values) string {
	p.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		p.t.Fatal(err)
	}
	ev := events.APIGatewayV2HTTPRequest{Version: "2.0", RawPath: u.Path, RawQueryString: u.RawQuery, Body: form.Encode(), PathParameters: map[string]string{},
		Headers: map[string]string{"content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin", "host": "library.example"}, Cookies: []string{"patrondesk=" + p.token}}
	ev.RequestContext.HTTP.Method = method
	for _, r := range p.routes {
		if m := r.path.FindStringSubmatch(u.Path); m != nil && strings.HasPrefix(r.key, method+" ") {
			for i, name := range r.path.SubexpNames()[1:] {
				ev.PathParameters[name] = m[i+1]
			}
			ev.RouteKey = r.key
			break
		}
	}
	res, err := p.invoke(p.t.Context(), ev)
	to := res.Headers["location"]
	switch {
	case err != nil || res.StatusCode >= 400:
		p.t.Fatalf("%s %s: got %d %s, %v", method, address, res.StatusCode, res.Body, err)
	case strings.HasPrefix(to, "/desk"):
		return p.ask("GET", to, nil)
	}
	return res.Body
}

// send fills in the form of the page at from that goes to to, and sends it. What is not filled in is sent as it stands there.
func (p *pages) send(from, to string, fill url.Values) string {
	p.t.Helper()
	forms := formsIn(p.ask("GET", from, nil))
	form, ok := forms[to]
	if !ok {
		p.t.Fatalf("no form of %s goes to %s, but to %v", from, to, slices.Sorted(maps.Keys(forms)))
	}
	maps.Copy(form, fill)
	return p.ask("POST", to, form)
}

// formsIn are what the forms of a page that change something hold, by where they go. Of several to one place the fields are
// together.
func formsIn(page string) map[string]url.Values {
	dec := xml.NewDecoder(strings.NewReader(page))
	dec.Strict, dec.AutoClose, dec.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	forms := map[string]url.Values{}
	var form url.Values
	var choice, text string
	for {
		token, err := dec.Token()
		if err != nil {
			return forms
		}
		switch at := token.(type) {
		case xml.StartElement:
			a := map[string]string{}
			for _, attr := range at.Attr {
				a[attr.Name.Local] = attr.Value
			}
			_, checked := a["checked"]
			_, selected := a["selected"]
			switch name := at.Name.Local; {
			case name == "form" && a["method"] == "post":
				if form = forms[a["action"]]; form == nil {
					form = url.Values{}
				}
				forms[a["action"]] = form
			case name == "select":
				choice = a["name"]
			case name == "option" && form != nil && (selected || !form.Has(choice)):
				form.Set(choice, a["value"])
			case name == "textarea":
				text = a["name"]
			case name == "input" && form != nil && a["name"] != "" && (a["type"] != "checkbox" && a["type"] != "radio" || checked):
				form.Set(a["name"], a["value"])
			}
		case xml.CharData:
			if text != "" && form != nil {
				form.Set(text, strings.TrimSpace(string(at)))
				text = ""
			}
		case xml.EndElement:
			if at.Name.Local == "form" {
				form = nil
			}
		}
	}
}

// linkIn is the first link of a page whose address fits the pattern.
func linkIn(t testing.TB, page, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(`(?:href|action)="(` + pattern + `)"`).FindStringSubmatch(page)
	if m == nil {
		t.Fatalf("no link like %s in %s", pattern, page)
	}
	return strings.ReplaceAll(m[1], "&amp;", "&")
}

// runPages does at the desk what staff do.
func (l *demo) runPages(client *dynamodb.Client) {
	l.t.Helper()
	l.waiting()
	l.want("desk", "1002")
	held := l.held()
	l.signedIn("desk")
	p := l.pages(client)
	const thomas = "/desk/patrons/thomas"

	p.ask("GET", "/desk/find?q=21000001", nil)
	p.ask("GET", "/desk/find?q=ahrendt", nil)
	p.ask("POST", "/desk/circulation-desk", url.Values{"desk": {"MAIN/DEFAULT_CIRC_DESK"}})
	for _, barcode := range []string{"B1001", "B1003"} {
		p.send(thomas, thomas+"/loans", url.Values{"barcode": {barcode}})
	}
	loan := linkIn(l.t, p.ask("GET", thomas+"/loans?show=all", nil), thomas+`/loans/\d+`)
	p.send(loan, loan, url.Values{"op": {"lost"}})
	p.ask("POST", thomas+"/loans/all", url.Values{"op": {"renew"}})
	for _, barcode := range []string{"B1001", "B1003", "B1002"} {
		p.send(thomas+"/returns", thomas+"/returns", url.Values{"barcode": {barcode}})
	}
	p.send(thomas+"/requests/new?item=B1004", thomas+"/requests/new", url.Values{"comment": {"Large print, please."}})
	request := linkIn(l.t, p.ask("GET", thomas+"/requests", nil), thomas+`/requests/\d+`)
	p.ask("GET", request, nil)
	p.send(request, request, url.Values{"do": {"cancel"}, "reason": {"CannotBeFulfilled"}, "tell": {"1"}})
	p.send(thomas+"/fees/new", thomas+"/fees/new", url.Values{"type": {"OTHER"}, "amount": {"2.50"}, "barcode": {"B1001"}})
	p.send(thomas+"/fees", thomas+"/fees", url.Values{"amount": {"1"}})
	fee := linkIn(l.t, p.ask("GET", thomas+"/fees", nil), thomas+`/fees/\d+`)
	p.send(fee, fee, url.Values{"do": {"pay"}, "amount": {"1.50"}})
	letter := thomas + "/letters/FulUserBorrowingActivityLetter"
	form := formsIn(p.ask("GET", letter, nil))[letter]
	p.ask("POST", letter, form)
	p.ask("POST", letter, form) // a double click
	p.ask("GET", thomas+"/letters", nil)
	p.ask("GET", thomas+"/history", nil)
	p.send(thomas+"/edit", thomas+"/edit", url.Values{"last_name": {"Ahrendt-Voss"}})
	p.send("/desk/register", "/desk/register", url.Values{"last_name": {"Sund"}, "first_name": {"Eve"}, "user_group": {"01"}, "barcode": {"21000007"}})
	p.ask("GET", thomas+"/record", nil)
	p.send(thomas+"/edit", thomas+"/edit", url.Values{"primary_id": {"thomas.voss"}})
	p.ask("GET", "/desk/contacts", nil)
	job := "/desk/jobs/" + held.Profile
	p.ask("GET", job, nil)
	p.ask("GET", job+"/"+held.ID, nil)
	p.ask("POST", job+"/"+held.ID, url.Values{"op": {"release"}})
	p.ask("GET", job+"/upload", nil)
	p.ask("POST", "/desk/sign-out", nil)
}

package browser

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// What the library itself says of what was done at the desk.

// ask makes a call of the API, as a program of the library does that may do everything, and decodes what it answers.
func (p *product) ask(t testing.TB, method, path, body string, into any) {
	t.Helper()
	r, err := http.NewRequest(method, p.url+"/almaws/v1"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "apikey "+p.key)
	r.Header.Set("Accept", "application/json")
	decode(t, r, into)
}

func decode(t testing.TB, r *http.Request, into any) {
	t.Helper()
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode == http.StatusOK {
		err = json.Unmarshal(body, into)
	}
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %v, %d %s", r.Method, r.URL.Path, err, res.StatusCode, body)
	}
}

// loans are the barcodes of what a patron has borrowed, in the order in which it was lent.
func (p *product) loans(t testing.TB, primaryID string) []string {
	t.Helper()
	var list struct {
		Loans []struct {
			Barcode string `json:"item_barcode"`
		} `json:"item_loan"`
	}
	p.ask(t, "GET", "/users/"+primaryID+"/loans?limit=100&order_by=loan_date", "", &list)
	var barcodes []string
	for _, l := range list.Loans {
		barcodes = append(barcodes, l.Barcode)
	}
	return barcodes
}

// letter is one in the mailbox.
type letter struct {
	Subject     string
	Destination struct{ To []string }
	Body        struct{ Text, HTML string }
}

// letters are those in the mailbox to an address.
func (p *product) letters(t testing.TB, to string) []letter {
	t.Helper()
	r, err := http.NewRequest("GET", p.mailbox+"/store", nil)
	if err != nil {
		t.Fatal(err)
	}
	var box struct{ Emails []letter }
	decode(t, r, &box)
	var found []letter
	for _, l := range box.Emails {
		if len(l.Destination.To) == 1 && l.Destination.To[0] == to {
			found = append(found, l)
		}
	}
	return found
}

// renewals is how often a loan was renewed.
func (p *product) renewals(t testing.TB, primaryID, title string) int {
	t.Helper()
	var list struct {
		Loans []struct {
			Title    string `json:"title"`
			Renewals int    `json:"patrondesk_renewals"`
		} `json:"item_loan"`
	}
	p.ask(t, "GET", "/users/"+primaryID+"/loans?limit=100", "", &list)
	for _, l := range list.Loans {
		if l.Title == title {
			return l.Renewals
		}
	}
	t.Fatalf("%s is not on loan", title)
	return 0
}

// owes is what a patron owes.
func (p *product) owes(t testing.TB, primaryID string) float64 {
	t.Helper()
	var fees struct {
		Sum float64 `json:"total_sum"`
	}
	p.ask(t, "GET", "/users/"+primaryID+"/fees", "", &fees)
	return fees.Sum
}

// loanPath is the page of a patron's first loan, requestPath that of their first request, and feePath of their first fee.
func (b *tab) loanPath(primaryID string) string {
	b.t.Helper()
	var list struct {
		Loans []struct {
			ID string `json:"loan_id"`
		} `json:"item_loan"`
	}
	b.ask(b.t, "GET", "/users/"+primaryID+"/loans?order_by=due_date", "", &list)
	return "/desk/patrons/" + primaryID + "/loans/" + list.Loans[0].ID
}

func (b *tab) requestPath(primaryID string) string {
	b.t.Helper()
	var list struct {
		Requests []struct {
			ID string `json:"request_id"`
		} `json:"user_request"`
	}
	b.ask(b.t, "GET", "/users/"+primaryID+"/requests", "", &list)
	return "/desk/patrons/" + primaryID + "/requests/" + list.Requests[0].ID
}

func (b *tab) feePath(primaryID string) string {
	b.t.Helper()
	var list struct {
		Fees []struct{ ID string } `json:"fee"`
	}
	b.ask(b.t, "GET", "/users/"+primaryID+"/fees", "", &list)
	return "/desk/patrons/" + primaryID + "/fees/" + list.Fees[0].ID
}

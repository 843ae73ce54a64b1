package browser

import (
	"slices"
	"testing"

	"patrondesk/infra/local/demo"
)

// A hand that knows double clicks from elsewhere makes them here, too: what the button does is done once.

func TestDoubleClicksLendOnce(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.scan("2100000416")
	b.focused(scanItem)
	lent, before := aBook(t), b.loans(t, "li.xiaoming")
	b.keys(lent.barcode)
	b.pressTwice("Check out")
	b.says("Lent: " + lent.title)
	b.quiet()
	b.lacks("was not lent")
	if got := b.loans(t, "li.xiaoming"); len(got) != len(before)+1 {
		t.Errorf("got the loans %v, want one more than %v", got, before)
	}

	b.pressTwice("Return " + lent.title)
	b.quiet()
	b.lacks("was not returned")
	if got := b.loans(t, "li.xiaoming"); !slices.Equal(got, before) {
		t.Errorf("got the loans %v, want %v", got, before)
	}
}

func TestDoubleClicksRenewOnce(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.visit("/desk/patrons/camille.noel/loans?show=all")
	b.pressTwice("Renew Germinal")
	b.says("Renewed: Germinal")
	b.quiet()
	b.lacks("Not renewed")
	if got := b.renewals(t, "camille.noel", "Germinal"); got != 1 {
		t.Errorf("renewed %d times, want once", got)
	}
}

func TestDoubleClicksPayOnce(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn("circ.manager")
	b.visit("/desk/patrons/ole.nordahl/fees/new")
	b.choosing("Type", "Library card replacement")
	b.fill("Amount", "5.00")
	b.pressTwice("Charge the fee")
	b.at("/desk/patrons/ole.nordahl/fees")
	b.says("5.00 GBP")
	if got := b.owes(t, "ole.nordahl"); got != 5 {
		t.Errorf("owes %v, want 5", got)
	}
	b.fill("Amount", "2.00")
	b.pressTwice("Payment received")
	b.says("3.00 GBP")
	b.quiet()
	if got := b.owes(t, "ole.nordahl"); got != 3 {
		t.Errorf("owes %v, want 3", got)
	}
}

func TestDoubleClicksSendOneLetter(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.visit("/desk/patrons/camille.noel/letters/FulUserBorrowingActivityLetter")
	b.pressTwice("Send the letter")
	b.says("Borrowing Activity sent to camille.noel@post.example")
	b.quiet()
	if got := b.letters(t, "camille.noel@post.example"); len(got) != 1 {
		t.Errorf("%d letters, want one", len(got))
	}
}

func TestDoubleClicksRegisterOnce(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.visit("/desk/register?barcode=2100008001")
	b.fill("First name", "Dora")
	b.fill("Last name (required)", "Doppler")
	b.pressTwice("Register")
	b.says("Dora Doppler is registered.")
	b.quiet()
	b.lacks("The identifier belongs to")
	var found struct {
		Total int `json:"total_record_count"`
	}
	b.ask(t, "GET", "/users?q=last_name~Doppler", "", &found)
	if found.Total != 1 {
		t.Errorf("%d people are registered, want one", found.Total)
	}
}

func TestDoubleClicksAskOnce(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	asked := aBook(t)
	b.visit("/desk/patrons/sean.o-brien/requests/new")
	b.focused("Item barcode or MMS ID")
	b.scan(asked.barcode)
	b.says(asked.title)
	b.pressTwice("Place the request")
	b.says("Requested: " + asked.title)
	b.quiet()
	b.lacks("The patron has an active request for it already")
	b.press("Cancel or change: " + asked.title)
	b.says("Cancel this request?")
	b.choosing("Reason", "Cancelled at the patron's request")
	b.pressTwice("Cancel the request")
	b.says("Cancelled: " + asked.title)
	b.quiet()
	b.lacks("This request is no longer active")
}

// quiet waits until the page asks the library for nothing any more.
func (b *tab) quiet() {
	b.t.Helper()
	b.wait("the page is quiet", "document.readyState === 'complete' && !document.querySelector('main[aria-busy]')")
}

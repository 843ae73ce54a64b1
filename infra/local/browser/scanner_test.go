package browser

import (
	"slices"
	"testing"

	"patrondesk/infra/local/demo"
)

// A scanner types faster than any page changes, and whoever holds it looks at the books.

const (
	scanPatron = "Scan patron’s ID or search for patron"
	scanItem   = "Scan item barcode"
)

func TestFiftyScansInARow(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.scan("2100000405") // a teacher, who may borrow sixty
	b.focused(scanItem)
	before := b.loans(t, "jurgen.muller")
	var want []string
	for _, book := range books(t, 50) {
		b.scan(book.barcode)
		want = append(want, book.barcode)
	}
	b.says("This session 50")
	b.focused(scanItem)
	b.holds(scanItem, "")
	got := b.loans(t, "jurgen.muller")
	if got := got[len(before):]; !slices.Equal(got, want) {
		t.Errorf("lent\n%v, want\n%v", got, want)
	}
}

func TestAnItemRightBehindThePatron(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	for _, patron := range []struct{ barcode, id string }{{"2100000033", "aisha.khan"}, {"2100000402", "ivor.blake"}} {
		before, first, second := b.loans(t, patron.id), aBook(t), aBook(t)
		b.scan(patron.barcode) // into the page's field, then into that at the head of every page
		b.scan(first.barcode)
		b.scan(second.barcode)
		b.at("/desk/patrons/" + patron.id)
		b.says(first.title, second.title)
		if got, want := b.loans(t, patron.id)[len(before):], []string{first.barcode, second.barcode}; !slices.Equal(got, want) {
			t.Errorf("%s was lent %v, want %v", patron.id, got, want)
		}
		b.click("the field at the head", "document.getElementById('scan')")
	}
}

func TestItemsBehindAPatronWhoIsNotFound(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	first, second := aBook(t), aBook(t)
	goOn := b.delay("*/desk/find*")
	b.scan("2199999999")
	b.scan(first.barcode)
	b.scan(second.barcode)
	goOn()
	b.says("Nobody found for “2199999999”", "Scan them again on the patron’s page.", first.barcode, second.barcode)
	b.scan("2100000402") // in the place of what is in the field
	b.at("/desk/patrons/ivor.blake")
	b.focused(scanItem)
	b.lacks(first.title, second.title)
}

func TestARefusalStaysWhileScansGoOn(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn("circ.manager")
	b.scan("2100000403")
	b.focused(scanItem)
	first, second := aBook(t), aBook(t)
	b.scan(first.barcode)
	b.scan("3100000000") // of no item
	b.scan(demo.Middlemarch)
	b.scan(second.barcode)
	b.says(first.title, second.title, "3100000000 was not lent", demo.Middlemarch+" was not lent")
	b.focused(scanItem)
	b.wait("what was said is not said again", "document.querySelectorAll('[data-keep][role=alert]').length === 0")
	b.press("Lend all the same")
	b.says("Lent: Middlemarch", "3100000000 was not lent")
	b.lacks(demo.Middlemarch + " was not lent")
	b.press("Seen")
	b.focused(scanItem)
	b.lacks("was not lent")
}

func TestScansWaitUntilTheLibraryAnswers(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.scan("2100000404")
	b.focused(scanItem)
	all := books(t, 3)
	b.offline(true)
	b.scan(all[0].barcode)
	b.says("The library did not answer", all[0].barcode)
	b.scan(all[1].barcode)
	b.says(all[1].barcode)
	b.lacks(all[0].title)
	b.offline(false)
	b.scan(all[2].barcode)
	b.says(all[0].title, all[1].title, all[2].title)
	b.lacks("did not answer")
	b.wait("one region tells what was lent last", "document.getElementById('live').textContent.includes("+quoted(all[2].title)+")")
}

func TestAnAnswerThatIsLostIsAskedForAgain(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.scan("2100000410")
	b.focused(scanItem)
	lent := aBook(t)
	before := b.loans(t, "alexandra.stone")
	noMore := b.loseAnswers("*/loans")
	b.scan(lent.barcode)
	b.says("The library did not answer", lent.barcode)
	noMore()
	b.press("Send again")
	b.says("Lent: " + lent.title)
	b.lacks("was not lent")
	if got := b.loans(t, "alexandra.stone"); len(got) != len(before)+1 {
		t.Errorf("%d loans, want one more than %d", len(got), len(before))
	}
}

func TestScansGoOnAfterSigningInAgain(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.scan("2100000412")
	b.focused(scanItem)
	all := books(t, 3)
	b.scan(all[0].barcode)
	b.says("Lent: " + all[0].title)
	b.endSession()
	b.scan(all[1].barcode)
	b.scan(all[2].barcode)
	b.says("Your session has ended", all[1].barcode, all[2].barcode)
	other := b.opens(func() { b.press("Sign in again (new tab)") })
	other.choose(demo.Operator)
	other.at("/desk")
	b.press("Send again")
	b.says(all[0].title, all[1].title, all[2].title)
	b.lacks("Your session has ended")
	b.focused(scanItem)

	b.endSession()
	b.click("the field at the head", "document.getElementById('scan')")
	b.scan("2100000424")
	b.says("Your session has ended", "2100000424")
	other = b.opens(func() { b.press("Sign in again (new tab)") })
	other.choose(demo.Operator)
	other.at("/desk")
	b.press("Send again")
	b.at("/desk/patrons/UPPER.CASE@demo.example")
}

func TestWhatTheGatewayTurnsAwayIsNotLost(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.scan("2100000422")
	b.focused(scanItem)
	all := books(t, 2)
	b.turnAway("*/loans", 429)
	b.scan(all[0].barcode)
	b.says("The library did not answer", all[0].barcode)
	b.scan(all[1].barcode)
	b.says(all[0].title, all[1].title)
	b.lacks("did not answer")
}

func TestTypingElsewhereGoesOn(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.scan("2100000415")
	b.focused(scanItem)
	lent := aBook(t)
	goOn := b.delay("*/loans")
	b.scan(lent.barcode)
	b.click("the field at the head", "document.getElementById('scan')")
	b.keys("lin")
	goOn()
	b.says("Lent: " + lent.title)
	b.focused("Scan a patron")
	b.holds("Scan a patron", "lin")
	b.keys("dqvist")
	b.holds("Scan a patron", "lindqvist")
}

func TestAScanWithTheFocusNowhere(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.scan("2100000420")
	b.focused(scanItem)
	b.click("the patron's name", "document.querySelector('h1')")
	b.wait("no field has the focus", "document.activeElement === document.body || document.activeElement.id === 'main'")
	lent := aBook(t)
	b.scan(lent.barcode)
	b.says("Lent: " + lent.title)
}

func TestALinkWaitsForWhatWasScanned(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.scan("2100000424")
	b.focused(scanItem)
	for _, scanned := range []struct{ barcode, says, at string }{
		{"3100000001", "3100000001 was not lent", "/desk/patrons/UPPER.CASE@demo.example"},
		{aBook(t).barcode, "Manage Patron Services", "/desk"},
	} {
		goOn := b.delay("*/loans")
		b.scan(scanned.barcode)
		b.press("Done")
		goOn()
		b.at(scanned.at)
		b.says(scanned.says)
	}
}

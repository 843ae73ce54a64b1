package browser

import (
	"testing"

	"patrondesk/infra/local/demo"
)

// Forms are sent once, pages are as things are now, and what somebody typed is never lost.

func TestBackDoesNothingAgain(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.scan("2100000417")
	b.focused(scanItem)
	lent := aBook(t)
	b.scan(lent.barcode)
	b.says("Lent: " + lent.title)
	b.back()
	b.at("/desk")
	b.focused(scanPatron)
	b.says("Served recently")
	b.forward()
	b.at("/desk/patrons/tanaka.yoko")
	b.says("This session 1", lent.title)
	b.lacks("was not lent", "Lent: ")

	b.press("Edit User Info")
	b.fill("Phone number", "+81 3 5550 0177")
	b.press("Update User")
	b.at("/desk/patrons/tanaka.yoko")
	b.says("The record was updated.")
	b.back()
	b.at("/desk/patrons/tanaka.yoko/edit")
	b.holds("Phone number", "+81 3 5550 0177")
	b.press("Update User")
	b.says("Nothing was changed.")
}

func TestTwoPeopleEditTheSamePatron(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	const page = "/desk/patrons/clara.venn"
	other := b.another()
	edit := func(b *tab, label, text string) {
		b.visit(page + "/edit")
		b.fill(label, text)
	}
	t.Log("different fields: both are kept")
	edit(b, "Preferred first name", "Klara")
	edit(other, "Job description", "Bookbinder")
	other.press("Update User")
	other.at(page)
	b.press("Update User")
	b.at(page)
	b.says("Klara", "Somebody else changed meanwhile", "Job description")
	b.visit(page + "/edit")
	b.holds("Job description", "Bookbinder")
	b.holds("Preferred first name", "Klara")

	t.Log("the same field: the page shows both, and one chooses")
	edit(b, "Job description", "Librarian")
	b.fill("Web site", "https://clara.example")
	edit(other, "Job description", "Printer")
	other.press("Update User")
	other.at(page)
	b.press("Update User")
	b.says("Somebody else changed the same meanwhile", "Librarian", "Printer")
	b.press("Update User")
	b.at(page)
	b.visit(page + "/edit")
	b.holds("Job description", "Librarian")
	b.holds("Web site", "https://clara.example")
}

func TestASessionEndsInTheMiddleOfAForm(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.visit("/desk/patrons/sean.o-brien/edit")
	b.fill("Job description", "Keeper of \"maps\" & more")
	b.endSession()
	b.press("Update User")
	b.says("Your session has ended", "Nothing you typed is lost.")
	other := b.opens(func() { b.press("Sign in again (new tab)") })
	other.choose(demo.Operator)
	other.at("/desk")
	b.press("Send what I typed")
	b.at("/desk/patrons/sean.o-brien")
	b.says("The record was updated.", "Keeper of \"maps\" & more")
}

func TestLeavingAFormAsksFirst(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	b.signIn(demo.Operator)
	b.visit("/desk/patrons/otto.brandt/edit")
	b.fill("Job description", "Cartographer")
	b.click("the field at the head", "document.getElementById('scan')")
	asked := b.asked(false)
	b.scan(demo.ThomasBarcode)
	if !<-asked {
		t.Error("the page was left without a question")
	}
	b.at("/desk/patrons/otto.brandt/edit")
	b.holds("Job description", "Cartographer")
	b.press("Cancel")
	b.at("/desk/patrons/otto.brandt")
}

package browser

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp/kb"

	"patrondesk/infra/local/demo"
)

// The story of the README, at the desk: a patron comes with a book and a new address, and wants to know about their
// requests.

func TestTheStory(t *testing.T) {
	story(newTab(t), demo.Almanac, "21 Lantern Quay")
}

func TestTheStoryWithoutTheModule(t *testing.T) {
	b := newTab(t)
	command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	story(b, demo.Rooms, "22 Lantern Quay")
}

func story(b *tab, item, address string) {
	t, before := b.t, len(b.letters(b.t, "thomas.reed@post.example"))
	t.Log("signed in by a click, the field has the focus")
	b.signIn(demo.Operator)
	b.focused(scanPatron)

	t.Log("the card is scanned, then a book")
	b.scan(demo.ThomasBarcode)
	b.at("/desk/patrons/" + demo.Thomas)
	b.says("Thomas Reed", "Internal account", "On hold shelf")
	b.focused(scanItem)
	b.scan(item)
	b.says("Lent: ", item)
	b.focused(scanItem)

	t.Log("the address is changed")
	b.press("Edit User Info")
	b.at("/desk/patrons/" + demo.Thomas + "/edit")
	b.fill("Address line 1", address)
	b.press("Update User")
	b.at("/desk/patrons/" + demo.Thomas)
	b.says("The record was updated.", address)

	t.Log("the requests are looked at, and a letter about them is sent")
	b.press("Requests 3")
	b.at("/desk/patrons/" + demo.Thomas + "/requests")
	b.says("3 requests", "place 2 in the queue", "In process", "On hold shelf", "until ")
	b.press("Send Requests Report")
	b.at("/desk/patrons/" + demo.Thomas + "/letters/FulRequestsReportLetter")
	b.says("thomas.reed@post.example", "Nothing was sent yet.")
	b.previews("Middlemarch")
	b.press("Send the letter")
	b.says("Requests Report sent to thomas.reed@post.example")
	letters := b.letters(t, "thomas.reed@post.example")
	if len(letters) != before+1 || !strings.Contains(letters[len(letters)-1].Body.Text, "Middlemarch") {
		t.Errorf("the mailbox holds %d letters to him, want one more than %d, about Middlemarch: %v", len(letters), before, letters)
	}
	b.press("Sign out")
	b.says("You are signed out")
}

// previews waits until the letter that is shown on the page has that in it.
func (b *tab) previews(text string) {
	b.t.Helper()
	b.wait("there is a preview", "document.querySelector('iframe')")
	source, err := tell[string](b, "document.querySelector('iframe').src")
	if err != nil {
		b.t.Fatal(err)
	}
	other := b.another()
	other.visit(source)
	other.says(text)
}

func TestTheStoryOfAnExternalPatron(t *testing.T) {
	b := newTab(t)
	b.signIn(demo.Operator)
	b.scan(demo.MariaBarcode)
	b.at("/desk/patrons/" + demo.Maria)
	b.says("Maria Lindqvist", "External account")
	b.press("Edit User Info")
	b.says("27 Mill Road", "corrected at the Registrar's Office")
	b.wait("her name cannot be typed over", "!"+field("First name"))

	t.Log("what staff change stays, until they take the registrar's again")
	b.choosing("User group", "Undergraduate Student")
	b.press("Update User")
	b.at("/desk/patrons/" + demo.Maria)
	b.says("The record was updated.", "Undergraduate Student")
	b.press("Edit User Info")
	b.says("According to the SIS", "Changed by hand by circ.operator")
	b.press("Use the SIS value again User group")
	b.says("the SIS value is in force again")

	b.press("Send Requests Report")
	b.press("Send the letter")
	b.says("Requests Report sent to")
}

// choosing chooses an option of a list by its text, with the keyboard as people do who know what is in it.
func (b *tab) choosing(label, option string) {
	b.t.Helper()
	b.wait("the list "+label, field(label))
	if _, err := tell[bool](b, field(label)+".focus() || true"); err != nil {
		b.t.Fatal(err)
	}
	b.keys(option)
	b.wait(label+" is "+option, field(label)+".selectedOptions[0].text.trim() === "+quoted(option))
}

func TestTheStoryOnTheKeyboard(t *testing.T) {
	b := newTab(t)
	b.visit("/desk")
	b.wait("the sign-in page", "location.href.startsWith("+quoted(b.signInURL)+")")
	b.tabTo("Ines Calloway Circulation Desk Operator, Main Library")
	b.keys(kb.Enter)
	b.at("/desk")
	b.focused(scanPatron)

	t.Log("a name is typed, and somebody chosen among those it may be")
	b.keys("reed tho")
	b.wait("there are suggestions", "document.querySelector('[role=listbox]:not([hidden]) [role=option]')")
	b.keys(kb.Escape)
	b.wait("Escape closes them", "!document.querySelector('[role=listbox]:not([hidden])')")
	b.keys("m")
	b.wait("there are suggestions", "document.querySelector('[role=listbox]:not([hidden]) [role=option]')")
	b.keys(kb.ArrowDown)
	b.wait("the first is chosen", "document.querySelector('[aria-selected=true]').id === document.activeElement.getAttribute('aria-activedescendant')")
	b.keys(kb.Enter)
	b.at("/desk/patrons/" + demo.Thomas)
	b.focused(scanItem)
	lent := aBook(t)
	b.scan(lent.barcode)
	b.says("Lent: " + lent.title)

	t.Log("the first stop of a page leads past its head")
	b.visit("/desk/patrons/" + demo.Thomas + "/edit")
	b.wait("the heading has the focus", "document.activeElement.matches('h2')")
	b.visit("/desk/contacts")
	b.wait("the page is there", "document.readyState === 'complete'")
	b.wait("no focus in the page yet", "document.activeElement.blur() || true")
	b.tabTo("Skip to the content")
	b.keys(kb.Enter)
	b.wait("the focus is in the content", "document.activeElement === document.getElementById('main')")

	t.Log("the address")
	b.visit("/desk/patrons/" + demo.Thomas)
	b.focused(scanItem)
	b.tabBackTo("Edit User Info")
	b.keys(kb.Enter)
	b.at("/desk/patrons/" + demo.Thomas + "/edit")
	b.tabTo("Address line 1")
	b.retype("23 Lantern Quay")
	b.keys(kb.Enter) // as in any form
	b.at("/desk/patrons/" + demo.Thomas)
	b.says("The record was updated.", "23 Lantern Quay")

	t.Log("the letter")
	b.tabTo("Requests 3")
	b.keys(kb.Enter)
	b.says("3 requests")
	b.tabTo("Send Requests Report")
	b.keys(kb.Enter)
	b.at("/desk/patrons/" + demo.Thomas + "/letters/FulRequestsReportLetter")
	b.wait("the button has the focus", "document.activeElement.innerText.trim() === 'Send the letter'")
	b.keys(kb.Enter)
	b.says("Requests Report sent to thomas.reed@post.example")
}

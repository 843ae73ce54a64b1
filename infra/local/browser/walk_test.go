package browser

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"

	"patrondesk/infra/local/demo"
)

var pictures = flag.String("pictures", "", "the directory into which TestEveryPage puts pictures of the pages")

// sight is a page, or what a page shows after something was done on it.
type sight struct {
	name string
	open func(b *tab)
	// alone says that the page's policy keeps even axe out, so that it is opened without one.
	alone bool
}

// at is the sight of a page by its address.
func at(name, path string) sight { return sight{name: name, open: func(b *tab) { b.visit(path) }} }

// patronAt is the sight of a page of a patron.
func patronAt(name, primaryID, rest string) sight {
	return at("patron-"+name, "/desk/patrons/"+url.PathEscape(primaryID)+rest)
}

// tour is what one person sees; nobody is signed in where it names none.
type tour struct {
	person string
	sights []sight
}

// TestEveryPage goes to every page of the desk in all its states, and fails for what hinders somebody: what axe finds
// wrong, in light and dark, on a wide screen and on a telephone; sideways scrolling; an error of a script; something a
// page's own policy forbids.
func TestEveryPage(t *testing.T) {
	library(t).history(t)
	tours := []tour{
		{"", strangers},
		{"circ.manager", managers},
		{demo.Operator, operators},
		{"system.administrator", administrators},
		{"user.manager", []sight{patronAt("record-without-lending", "noor.aziz", ""), at("find-without-lending", "/desk")}},
		{"fulfillment.manager", []sight{at("choose-desk", "/desk/circulation-desk"), patronAt("loans-no-desk", "perpetua", "")}},
	}
	for _, tour := range tours {
		t.Run("as "+tour.person, func(t *testing.T) {
			t.Parallel()
			b := newTab(t)
			if tour.person != "" {
				b.visit("/desk")
				b.choose(tour.person)
				b.wait("the desk", "location.pathname.startsWith('/desk')")
			}
			for _, s := range tour.sights {
				t.Run(s.name, func(t *testing.T) { b.see(t, s, []int64{1280, 390}, *pictures) })
			}
		})
	}
}

// TestOtherLanguages sees the main pages in the other languages, whose words are longer.
func TestOtherLanguages(t *testing.T) {
	for lang, person := range map[string]string{"de": "german.operator", "fr": "french.operator"} {
		t.Run(lang, func(t *testing.T) {
			t.Parallel()
			b := newTab(t)
			b.signIn(person)
			for _, s := range translated {
				t.Run(s.name, func(t *testing.T) {
					b.see(t, sight{name: s.name + "-" + lang, open: s.open}, []int64{390}, "")
					if got, err := tell[string](b, "document.documentElement.lang"); got != lang {
						t.Errorf("the page is in %q, %v, want %q", got, err, lang)
					}
				})
			}
		})
	}
}

// see opens a sight and looks for what is wrong with it. Pictures go into the directory, if there is one.
func (b *tab) see(t *testing.T, s sight, widths []int64, pictures string) {
	b.t = t
	command(b, page.SetBypassCSP, page.SetBypassCSPParams{Enabled: s.alone})
	s.open(b)
	b.quiet()
	b.accessible(widths, func(width int64) {
		if pictures != "" {
			b.picture(filepath.Join(pictures, fmt.Sprintf("%s-%d.png", s.name, width)))
		}
	})
	b.noFaults()
}

// strangers are the pages for everybody.
var strangers = []sight{
	{"sign-in", func(b *tab) {
		b.visit("/desk")
		b.says("Choose who you are")
	}, false},
	{"sign-in-problem", func(b *tab) {
		b.visit("/desk")
		b.fill("Primary id", "nobody.at.all\r")
		b.wait("the problem is told", "document.querySelector('[role=alert]')")
	}, false},
	{"sign-in-front", func(b *tab) { b.visit(b.signInURL) }, false},
	at("not-signed-in", "/desk/signed-in?code=0&state=0"),
	at("signed-out", "/desk/signed-out"),
	at("nothing", "/desk/no/such/page"),
	{"not-staff", func(b *tab) {
		b.visit("/desk")
		b.choose(demo.Thomas)
		b.says("This is the desk of library staff")
	}, false},
}

// managers are pages with everything a circulation desk manager may do.
var managers = []sight{
	at("find", "/desk"),
	at("find-several", "/desk/find?q=ma"),
	at("find-nobody", "/desk/find?q=zzyzx"),
	{"find-suggestions", func(b *tab) {
		b.visit("/desk")
		b.focused(scanPatron)
		b.keys("ma")
		b.wait("there are suggestions", "document.querySelector('[role=option]')")
	}, false},
	patronAt("loans", "aisha.khan", ""),
	patronAt("loans-all", "aisha.khan", "/loans?show=all"),
	patronAt("loans-none", "perpetua", "/loans?show=all"),
	{"patron-loans-refused", func(b *tab) {
		b.visit("/desk/patrons/noor.aziz")
		b.focused(scanItem)
		b.scan("3100000002")
		b.says("3100000002 was not lent")
		b.scan(shelfBarcode(shelfSize - 1))
		b.says(shelfBarcode(shelfSize-1)+" was not lent", "Lend all the same")
	}, false},
	{"patron-loans-unsent", func(b *tab) {
		b.visit("/desk/patrons/wilma.grant")
		b.focused(scanItem)
		b.offline(true)
		b.scan("3100000003")
		b.says("The library did not answer")
		b.offline(false)
	}, false},
	{"patron-loans-renew-all", func(b *tab) {
		b.press("Do not send")
		b.visit("/desk/patrons/layla.mansour/loans?show=all")
		b.press("Renew all")
		b.wait("it is told", "document.querySelector('[data-said]')")
	}, false},
	{"patron-loan", func(b *tab) { b.visit(b.loanPath("aisha.khan")) }, false},
	{"patron-loan-lost", func(b *tab) { b.visit(b.loanPath("aisha.khan") + "?do=lost") }, false},
	patronAt("returns-none", "perpetua", "/returns"),
	{"patron-returns", func(b *tab) {
		b.visit("/desk/patrons/perpetua/returns")
		b.focused("Scan the barcode of an item that came back")
		b.scan("3110500544") // waits on the shelf for Thomas
		b.wait("it is told where it goes", "document.querySelector('[data-said]')")
		b.scan("3100000004")
		b.wait("it is refused", "document.querySelector('[data-keep]')")
	}, false},
	patronAt("requests", demo.Thomas, "/requests"),
	patronAt("requests-none", "perpetua", "/requests"),
	patronAt("requests-none-such", "camille.noel", "/requests?type=BOOKING"),
	{"patron-request", func(b *tab) { b.visit(b.requestPath(demo.Thomas)) }, false},
	patronAt("request-new", "aisha.khan", "/requests/new"),
	patronAt("request-new-found", "aisha.khan", "/requests/new?item="+demo.Almanac),
	patronAt("request-new-nothing", "aisha.khan", "/requests/new?item=3100000005"),
	patronAt("fees", "petra.lang", "/fees"),
	patronAt("fees-none", "perpetua", "/fees"),
	patronAt("fee-new", "petra.lang", "/fees/new"),
	{"patron-fee", func(b *tab) { b.visit(b.feePath("petra.lang")) }, false},
	{"patron-fee-waive", func(b *tab) { b.visit(b.feePath("petra.lang") + "?do=waive") }, false},
	{"patron-fee-refused", func(b *tab) {
		b.visit(b.feePath("petra.lang"))
		b.fill("Amount", "9999")
		b.press("Payment received")
		b.wait("it is refused", "document.querySelector('[role=alert].bad')")
	}, false},
	patronAt("letters", "aisha.khan", "/letters"),
	patronAt("letters-none", "perpetua", "/letters"),
	patronAt("letter", demo.Thomas, "/letters/FulRequestsReportLetter"),
	{"patron-letter-itself", func(b *tab) { b.visit("/desk/patrons/thomas.reed/letters/FulRequestsReportLetter/preview") }, true},
	patronAt("letter-not-to-be-sent", "edith.penrose", "/letters/FulRequestsReportLetter"),
	patronAt("history", demo.Thomas, "/history"),
	patronAt("history-none", "perpetua", "/history"),
	patronAt("edit", demo.Thomas, "/edit"),
	patronAt("edit-external", demo.Maria, "/edit"),
	patronAt("edit-by-hand", "freya.nilsson", "/edit"),
	{"patron-edit-refused", func(b *tab) {
		b.visit("/desk/patrons/ivor.blake/edit")
		b.fill("E-mail address", "no address")
		b.wait("the browser lets it pass", "document.querySelector('form.sheet').setAttribute('novalidate', '') ?? true")
		b.press("Update User")
		b.wait("it is refused", "document.querySelector('.errors')")
	}, false},
	{"patron-edit-conflict", func(b *tab) {
		b.visit("/desk/patrons/robin.fairweather/edit")
		b.fill("Preferred last name", "Fairweather-Moss")
		other := b.another()
		other.visit("/desk/patrons/robin.fairweather/edit")
		other.fill("Preferred last name", "Fairweather-Reed")
		other.press("Update User")
		other.at("/desk/patrons/robin.fairweather")
		b.press("Update User")
		b.says("Somebody else changed the same meanwhile")
	}, false},
	patronAt("blocked", "noor.aziz", ""),
	patronAt("notes", "nils.notes", ""),
	patronAt("expired", "samir.haddad", ""),
	patronAt("long-name", "maximiliana.von-und-zu", ""),
	patronAt("right-to-left", "layla.mansour", ""),
	patronAt("unknown", "nobody.at.all", ""),
	at("register", "/desk/register"),
	{"register-known", func(b *tab) {
		b.visit("/desk/register?barcode=2100009999")
		b.fill("Last name (required)", "Reed")
		b.fill("E-mail address", "thomas.reed@post.example")
		b.press("Register")
		b.says("This may be somebody the library knows already")
	}, false},
	{"register-refused", func(b *tab) {
		b.visit("/desk/register?barcode=2100000017")
		b.fill("Last name (required)", "Reed")
		b.press("Register")
		b.says("The identifier belongs to")
	}, false},
	at("contacts", "/desk/contacts"),
	at("contact-new", "/desk/contacts/new"),
	{"ended", func(b *tab) {
		b.visit("/desk/patrons/perpetua/edit")
		b.fill("Job description", "Puppeteer")
		b.endSession()
		b.press("Update User")
		b.says("Your session has ended")
	}, false},
}

// operators are pages that show less to somebody who may do less.
var operators = []sight{
	{"patron-loans-refused-without-override", func(b *tab) {
		b.visit("/desk/patrons/noor.aziz")
		b.focused(scanItem)
		b.scan(shelfBarcode(shelfSize - 1))
		b.says("was not lent")
	}, false},
	{"patron-loans-patron-scanned", func(b *tab) {
		b.visit("/desk/patrons/perpetua")
		b.focused(scanItem)
		b.scan(demo.ThomasBarcode)
		b.says("This is a patron’s card")
	}, false},
	at("forbidden", "/desk/jobs"),
}

// administrators are the pages of jobs, and of records in full.
var administrators = []sight{
	at("jobs", "/desk/jobs"),
	{"job", func(b *tab) { b.visit("/desk/jobs"); b.follow("h2 a") }, false},
	{"job-rejected", func(b *tab) { b.job("some rejected") }, false},
	{"job-report", func(b *tab) { b.job("some rejected"); b.press("Report") }, false},
	{"job-changes", func(b *tab) { b.job("Dry run"); b.press("Report"); b.follow("a[href$='show=changes']") }, false},
	{"job-held", func(b *tab) { b.job("Held") }, false},
	{"job-release", func(b *tab) { b.job("Held"); b.follow("a[href$='release=1']") }, false},
	{"job-upload", func(b *tab) { b.visit("/desk/jobs"); b.follow("a[href$='/upload']") }, false},
	patronAt("record", "freya.nilsson", "/record"),
	patronAt("record-contact", "freya.nilsson", "/record/contact"),
	patronAt("record-identifiers", "clara.venn", "/record/identifiers"),
	patronAt("record-roles", "circ.manager", "/record/roles"),
	patronAt("record-notes", "nils.notes", "/record/notes"),
	patronAt("record-blocks", "noor.aziz", "/record/blocks"),
	patronAt("record-statistics", "nils.notes", "/record/statistics"),
	patronAt("record-proxies", "paula.proxy", "/record/proxies"),
	patronAt("record-history", "freya.nilsson", "/record/history"),
	patronAt("record-adopt", "otto.brandt", "/record/general?adopt=1"),
	patronAt("is-a-contact", "vendor.lehmann", ""),
	patronAt("is-a-contact-edit", "vendor.lehmann", "/edit"),
}

// translated are the main pages.
var translated = []sight{
	at("find", "/desk"),
	patronAt("loans", "aisha.khan", "/loans?show=all"),
	patronAt("returns", "aisha.khan", "/returns"),
	patronAt("requests", demo.Thomas, "/requests"),
	patronAt("fees", "petra.lang", "/fees"),
	patronAt("letter", demo.Thomas, "/letters/FulRequestsReportLetter"),
	patronAt("history", demo.Thomas, "/history"),
	patronAt("edit", "freya.nilsson", "/edit"),
	patronAt("record", "freya.nilsson", "/record"),
	at("register", "/desk/register"),
	at("contacts", "/desk/contacts"),
	patronAt("unknown", "nobody.at.all", ""),
}

// history makes something to look at: a letter that was sent, the dry run of a file, a file with a few mistakes, and one with
// so many that it is held.
func (p *product) history(t *testing.T) {
	t.Helper()
	var sent struct{ Status string }
	p.ask(t, "POST", "/users/aisha.khan/letters", `{"code":"FulUserBorrowingActivityLetter"}`, &sent)
	for _, args := range [][]string{{"-file", "../demo/registrar.xml", "-dry"}, {"-file", "../demo/registrar-mistakes.xml", "-partial"}} {
		if err := p.drop(args...); err != nil {
			t.Fatal(err)
		}
	}
	var night strings.Builder
	night.WriteString("<users>\n")
	for n := range 80 {
		group := "01"
		if n%4 > 0 {
			group = "NO_SUCH_GROUP"
		}
		fmt.Fprintf(&night, "<user><primary_id>night.%d</primary_id><last_name>Night</last_name><user_group>%s</user_group></user>\n", n, group)
	}
	night.WriteString("</users>\n")
	file := filepath.Join(t.TempDir(), "night.xml")
	if err := os.WriteFile(file, []byte(night.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.drop("-file", file); err == nil || !strings.Contains(err.Error(), "the job is held") {
		t.Fatal(err)
	}
}

// follow opens what the first link that fits leads to.
func (b *tab) follow(link string) {
	b.t.Helper()
	b.wait("there is a link "+link, "document.querySelector("+quoted(link)+")")
	to, err := tell[string](b, "document.querySelector("+quoted(link)+").href")
	if err != nil {
		b.t.Fatal(err)
	}
	b.visit(to)
}

// job opens the page of a job that ended so.
func (b *tab) job(ended string) {
	b.t.Helper()
	b.visit("/desk/jobs")
	row := "[...document.querySelectorAll('tr')].find((row) => row.innerText.includes(" + quoted(ended) + "))"
	b.wait("there is a job "+ended, row)
	to, err := tell[string](b, row+".querySelector('a').href")
	if err != nil {
		b.t.Fatal(err)
	}
	b.visit(to)
}

package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// patience is how long a tab waits for what is to come.
const patience = 30 * time.Second

// tab is a tab of the browser, and who sits at it. What goes wrong in its pages fails the test.
type tab struct {
	t testing.TB
	*product
	ctx context.Context

	mu     sync.Mutex
	faults []string
}

// newTab opens a tab with cookies of its own, in a window for a desk.
func newTab(t testing.TB) *tab {
	t.Helper()
	p := library(t)
	return p.tab(t, p.chromium, chromedp.WithNewBrowserContext())
}

// another opens another tab with the same cookies.
func (b *tab) another() *tab {
	b.t.Helper()
	return b.tab(b.t, b.ctx, chromedp.WithExistingBrowserContext(chromedp.FromContext(b.ctx).BrowserContextID))
}

func (p *product) tab(t testing.TB, parent context.Context, opts ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, stop := chromedp.NewContext(parent, opts...)
	t.Cleanup(stop)
	b := &tab{t: t, product: p, ctx: ctx}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	command(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.width(1280)
	t.Cleanup(b.noFaults)
	return b
}

// opens is the tab that opens when something is done in this one.
func (b *tab) opens(do func()) *tab {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	self := chromedp.FromContext(b.ctx).Target.TargetID
	opened := chromedp.WaitNewTarget(ctx, func(info *target.Info) bool { return info.OpenerID == self })
	do()
	id, ok := <-opened
	if !ok {
		b.t.Fatal("no tab opened")
	}
	return b.tab(b.t, b.ctx, chromedp.WithTargetID(id))
}

// hear notes what a page complains about: errors, and what its policy forbade.
func (b *tab) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.fault(exception(e.ExceptionDetails))
	case *runtime.EventConsoleAPICalled:
		for _, said := range e.Args {
			if e.Type == runtime.ConsoleAPICalledTypeError {
				b.fault(fmt.Sprintf("an error on the console: %s", said.Value))
			}
		}
	case *log.EventEntryAdded:
		refused := e.Entry.Source == log.EntrySourceNetwork && !strings.Contains(e.Entry.URL, "/desk/assets/")
		if e.Entry.Level == log.EntryLevelError && !refused {
			b.fault(fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL))
		}
	}
}

func exception(e *runtime.ExceptionDetails) string {
	if e.Exception != nil && e.Exception.Description != "" {
		return "an exception: " + e.Exception.Description
	}
	return "an exception: " + e.Text
}

func (b *tab) fault(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = append(b.faults, text)
}

// noFaults fails the test if a page complained about something since it was last asked.
func (b *tab) noFaults() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.faults {
		b.t.Error(f)
	}
	b.faults = nil
	if b.t.Failed() {
		b.t.Log("the functions' log ends with\n" + b.lastRequests())
	}
}

// command gives the browser a command.
func command[P, R any](b *tab, c cdp.Command[P, R], params P) R {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	result, err := chromedp.Call(ctx, c, params)
	if err != nil {
		b.t.Fatalf("%s: %v", c.Method, err)
	}
	return result
}

// width makes the window as wide as that.
func (b *tab) width(px int64) {
	b.t.Helper()
	command(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: px, Height: 900, DeviceScaleFactor: 1})
}

// tell is what a JavaScript expression says in the page; the error says that the page was just changing, or a mistake of
// the expression's.
func tell[T any](b *tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression))
}

// wait waits until an expression is true of the page.
func (b *tab) wait(what, expression string) {
	b.t.Helper()
	if !b.comes(expression) {
		b.t.Fatalf("not so: %s\nThe page is %s:\n%s", what, b.address(), b.excerpt())
	}
}

// comes reports whether an expression becomes true of the page.
func (b *tab) comes(expression string) bool {
	for deadline := time.Now().Add(patience); ; {
		is, err := tell[bool](b, "!!("+expression+")")
		if err == nil && is {
			return true
		}
		if time.Now().After(deadline) || b.ctx.Err() != nil {
			if err != nil {
				b.t.Log(err)
			}
			return false
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// quoted is a text as JavaScript has it.
func quoted(text string) string {
	encoded, err := json.Marshal(text)
	if err != nil {
		panic(err) // no text does that
	}
	return string(encoded)
}

// shown is what the page shows, with single spaces.
const shown = `(document.getElementById("main") || document.body).innerText.replace(/\s+/g, " ")`

// text is what the page shows.
func (b *tab) text() string {
	text, err := tell[string](b, "document.body ? (document.getElementById('main') || document.body).innerText : ''")
	if err != nil {
		return err.Error()
	}
	return text
}

// excerpt is the page's text as far as one wants to read it: without the options of lists.
func (b *tab) excerpt() string {
	text, err := tell[string](b, `(() => { const copy = (document.getElementById("main") || document.body).cloneNode(true);
		copy.querySelectorAll("select, .card, script, style").forEach((e) => e.remove()); return copy.innerText.replace(/\s*\n\s*/g, " / ").slice(0, 3000); })()`)
	if err != nil {
		return err.Error()
	}
	return text
}

// address is that of the page.
func (b *tab) address() string {
	at, err := tell[string](b, "location.href")
	if err != nil {
		return err.Error()
	}
	return at
}

// visit opens a page of the desk.
func (b *tab) visit(path string) {
	b.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = b.url + path
	}
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(path)); err != nil {
		b.t.Fatalf("visit %s: %v", path, err)
	}
}

// signIn signs somebody in, and leaves the tab on the desk's first page.
func (b *tab) signIn(person string) {
	b.t.Helper()
	b.visit("/desk")
	b.choose(person)
	b.at("/desk")
}

// choose says who somebody is, by a click at the provider.
func (b *tab) choose(person string) {
	b.t.Helper()
	b.wait("the sign-in page", "location.href.startsWith("+quoted(b.signInURL)+")")
	b.click("the person "+person, "document.querySelector('button[value="+quoted(person)+"]')")
}

// at waits until the tab is at a page of the desk, wholly loaded.
func (b *tab) at(path string) {
	b.t.Helper()
	want, err := url.Parse(path)
	if err != nil {
		b.t.Fatal(err)
	}
	is := "location.href.startsWith(" + quoted(b.url) + ") && location.pathname === " + quoted(want.EscapedPath())
	if want.RawQuery != "" {
		is += " && location.search === " + quoted("?"+want.RawQuery)
	}
	b.wait("the page is "+path, is+" && document.readyState === 'complete'")
}

// says waits until the page shows all of the texts.
func (b *tab) says(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		b.wait(fmt.Sprintf("it says %q", text), shown+".includes("+quoted(text)+")")
	}
}

// lacks fails the test if the page shows one of the texts.
func (b *tab) lacks(texts ...string) {
	b.t.Helper()
	page := strings.Join(strings.Fields(b.text()), " ")
	for _, text := range texts {
		if strings.Contains(page, text) {
			b.t.Errorf("%s says %q", b.address(), text)
		}
	}
}

// back presses the browser's Back button, and forward the one beside it.
func (b *tab) back()    { b.t.Helper(); b.turn(-1) }
func (b *tab) forward() { b.t.Helper(); b.turn(1) }

func (b *tab) turn(by int64) {
	b.t.Helper()
	history := command(b, page.GetNavigationHistory, cdp.Empty{})
	to := history.CurrentIndex + by
	if to < 0 || int(to) >= len(history.Entries) {
		b.t.Fatal("there is no page to go to")
	}
	command(b, page.NavigateToHistoryEntry, page.NavigateToHistoryEntryParams{EntryID: history.Entries[to].ID})
}

// asked answers the browser's question whether to leave the page, and tells whether there was one.
func (b *tab) asked(leave bool) <-chan bool {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	questions := chromedp.Events(ctx, page.JavascriptDialogOpening)
	answered := make(chan bool, 1)
	go func() {
		defer cancel()
		for _, err := range questions {
			if err == nil {
				_, err = chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: leave})
			}
			answered <- err == nil
			return
		}
	}()
	return answered
}

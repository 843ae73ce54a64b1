package browser

import (
	"fmt"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp/kb"
)

// What hands do at a desk: click, type, scan and press Tab.

// named finds what the page calls so, in its content or else anywhere: a button or a link by its text, or by what it is
// called where that is not its text.
const named = `(name) => ["#main ", ""].flatMap((part) => [...document.querySelectorAll(part + ":is(button, a[href], summary)")]).find((e) =>
	((e.getAttribute("aria-label") || e.textContent).replace(/\s+/g, " ").trim() === name) && e.checkVisibility() && !e.closest("[aria-hidden=true]"))`

// press clicks the button or link of that name.
func (b *tab) press(name string) {
	b.t.Helper()
	b.click(quoted(name), "("+named+")("+quoted(name)+")")
}

// pressTwice clicks it twice, as a hand does that knows double clicks from elsewhere.
func (b *tab) pressTwice(name string) {
	b.t.Helper()
	x, y := b.place(quoted(name), "("+named+")("+quoted(name)+")")
	b.mouse(x, y, 1)
	b.mouse(x, y, 2)
}

// click clicks the element that an expression finds.
func (b *tab) click(what, element string) {
	b.t.Helper()
	x, y := b.place(what, element)
	b.mouse(x, y, 1)
}

// place is the middle of an element in the window, into which it is brought once it is there.
func (b *tab) place(what, element string) (x, y float64) {
	b.t.Helper()
	middle := `(() => { const e = document.readyState === "complete" && (` + element + `); if (!e) return [];
		e.scrollIntoView({ block: "center" }); const r = e.getClientRects()[0]; return [r.x + r.width / 2, r.y + r.height / 2]; })()`
	for range 3 { // the page may change between two looks at it
		b.wait(what+" is there", "document.readyState === 'complete' && ("+element+")")
		if at, err := tell[[]float64](b, middle); err == nil && len(at) == 2 {
			return at[0], at[1]
		}
	}
	b.t.Fatalf("%s does not stay where it is", what)
	return 0, 0
}

// mouse clicks; count is 2 for the second click of a double click.
func (b *tab) mouse(x, y float64, count int64) {
	b.t.Helper()
	for _, kind := range []input.DispatchMouseEventType{input.DispatchMouseEventTypeMousePressed, input.DispatchMouseEventTypeMouseReleased} {
		command(b, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, ClickCount: count})
	}
}

// keys types, as a keyboard or a scanner does, into whatever has the focus. "\r" is Enter.
func (b *tab) keys(text string) {
	b.t.Helper()
	for _, r := range text {
		b.key(string(r), 0)
	}
}

// key presses one key, with another held down.
func (b *tab) key(key string, with kb.Modifier) {
	b.t.Helper()
	for _, k := range kb.Encode([]rune(key)[0]) {
		k.Modifiers |= int64(with)
		command(b, input.DispatchKeyEvent, *k)
	}
}

// scan is what a scanner does: the barcode, then Enter, a key every two milliseconds at most.
func (b *tab) scan(barcode string) {
	b.t.Helper()
	for _, r := range barcode + "\r" {
		next := time.After(2 * time.Millisecond)
		b.keys(string(r))
		<-next
	}
}

// labelled finds the field with that label, by the label's own text.
const labelled = `(name) => [...document.querySelectorAll("input, select, textarea")].find((e) => e.checkVisibility() &&
	[...(e.labels || [])].map((l) => l.innerText).concat(e.getAttribute("aria-label") || "").some((l) => l.replace(/\s+/g, " ").trim() === name))`

// field is an expression that finds the field with that label.
func field(label string) string { return "(" + labelled + ")(" + quoted(label) + ")" }

// fill clicks into a field and types a text in the place of what is in it.
func (b *tab) fill(label, text string) {
	b.t.Helper()
	b.click("the field "+label, field(label))
	b.wait("the focus is there", "document.activeElement === "+field(label))
	b.retype(text)
}

// retype types a text in the place of what is in the field with the focus.
func (b *tab) retype(text string) {
	b.t.Helper()
	command(b, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "a", Code: "KeyA",
		WindowsVirtualKeyCode: 65, Modifiers: int64(kb.ModifierCtrl), Commands: []string{"selectAll"}})
	if text == "" {
		b.keys(kb.Backspace)
	}
	b.keys(text)
}

// holds waits until the field with that label holds a text.
func (b *tab) holds(label, text string) {
	b.t.Helper()
	b.wait(fmt.Sprintf("the field %s holds %q", label, text), field(label)+"?.value === "+quoted(text))
}

// focused waits until the field with that label has the focus.
func (b *tab) focused(label string) {
	b.t.Helper()
	b.wait("the focus is in "+label, field(label)+" && document.activeElement === "+field(label))
}

// focusName is what the element with the focus is called.
const focusName = `(() => { const e = document.activeElement; return e === document.body ? "the page" : (e.getAttribute("aria-label") || [...(e.labels || [])].map((l) => l.innerText)[0] ||
	e.textContent || "").replace(/\s+/g, " ").trim(); })()`

// focusShows reports whether one sees where the focus is, and that nothing hides it. In a field for a date the browser
// itself shows it.
const focusShows = `(() => { const e = document.activeElement, r = e.getBoundingClientRect(), style = getComputedStyle(e);
	return e.matches("body, main, h2, [type=date]") || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && r.bottom > 0 && r.top < innerHeight; })()`

// tabTo presses Tab, unless it is there already, until the element of that name has the focus, and watches that the focus is always seen.
func (b *tab) tabTo(name string) {
	b.t.Helper()
	b.tabs(name, 0)
}

// tabBackTo does so backwards.
func (b *tab) tabBackTo(name string) {
	b.t.Helper()
	b.tabs(name, kb.ModifierShift)
}

func (b *tab) tabs(name string, with kb.Modifier) {
	b.t.Helper()
	var passed []string
	for range 80 {
		at, err := tell[string](b, focusName)
		if err != nil {
			b.t.Fatal(err)
		}
		if seen, err := tell[bool](b, focusShows); err != nil || !seen {
			b.t.Errorf("one does not see that the focus is on %q: %v", at, err)
		}
		if at == name {
			return
		}
		passed = append(passed, at)
		b.key(kb.Tab, with)
	}
	b.t.Fatalf("Tab leads not to %q, but to %q", name, passed)
}

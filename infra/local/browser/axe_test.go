package browser

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// axeFile is axe, which checks pages for accessibility.
const axeFile = "../node_modules/axe-core/axe.min.js"

var axe = sync.OnceValues(func() (string, error) {
	source, err := os.ReadFile(axeFile)
	return string(source), err
})

// everyRule has axe check for WCAG 2.2 AA, and for an outline that can be followed.
const everyRule = `{ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], iframes: false, resultTypes: ["violations"], rules: {
	"target-size": { enabled: true }, "heading-order": { enabled: true }, "page-has-heading-one": { enabled: true } } }`

// contrast has it check for what alone differs between light and dark.
const contrast = `{ runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] }, iframes: false, resultTypes: ["violations"] }`

// sideways are the elements that stand out of the window, where one has to scroll to see all of the page.
const sideways = `document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("body *")]
	.filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.localName + "." + e.className + " " + e.innerText?.slice(0, 40)).slice(0, 5)`

// accessible fails the test if axe finds something wrong with the page at one of the widths, in light or dark, or if one
// has to scroll sideways; at then looks at the page at that width, in light.
func (b *tab) accessible(widths []int64, look func(width int64)) {
	b.t.Helper()
	world := b.apart()
	for _, width := range widths {
		b.width(width)
		b.check(world, fmt.Sprintf("%d px", width), everyRule)
		if over, err := tell[[]string](b, sideways); err != nil || len(over) > 0 {
			b.t.Errorf("%d px: one scrolls sideways because of %v, %v", width, over, err)
		}
		if look != nil {
			look(width)
		}
		b.scheme("dark")
		b.check(world, fmt.Sprintf("%d px, dark", width), contrast)
		b.scheme("light")
	}
	b.width(1280)
}

// apart loads axe into a world of its own beside the page's, which the page's policy does not reach.
func (b *tab) apart() runtime.ExecutionContextID {
	b.t.Helper()
	source, err := axe()
	if err != nil {
		b.t.Fatal(err)
	}
	frame := command(b, page.GetFrameTree, cdp.Empty{}).FrameTree.Frame.ID
	world := command(b, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: frame, WorldName: "axe"}).ExecutionContextID
	command(b, runtime.Evaluate, runtime.EvaluateParams{Expression: source + "; null", ContextID: world})
	return world
}

// violation is what axe found wrong.
type violation struct {
	ID, Help string
	Nodes    []struct {
		Target         []any
		FailureSummary string
	}
}

// check fails the test if axe finds a violation of the rules.
func (b *tab) check(world runtime.ExecutionContextID, when, rules string) {
	b.t.Helper()
	yes := true
	result := command(b, runtime.Evaluate, runtime.EvaluateParams{
		Expression: "axe.run(document, " + rules + ").then((r) => JSON.stringify(r.violations))", ContextID: world, AwaitPromise: &yes, ReturnByValue: &yes,
	})
	if result.ExceptionDetails != nil {
		b.t.Fatal(exception(result.ExceptionDetails))
	}
	var text string
	var found []violation
	if err := json.Unmarshal(result.Result.Value, &text); err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		b.t.Fatal(err)
	}
	for _, v := range found {
		for _, n := range v.Nodes[:min(3, len(v.Nodes))] {
			b.t.Errorf("%s: %s (%s), %d times: %v: %s", when, v.ID, v.Help, len(v.Nodes), n.Target, strings.Join(strings.Fields(n.FailureSummary), " "))
		}
	}
}

// scheme is the reader's wish for light or dark.
func (b *tab) scheme(scheme string) {
	b.t.Helper()
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}},
	})
}

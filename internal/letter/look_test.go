package letter_test

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// The colours of text with those it stands on, in light and in dark mode.
var colours = [][2]string{
	{"#1d2731", "#ffffff"}, {"#46525e", "#ffffff"}, {"#1f5a8a", "#ffffff"}, {"#1d2731", "#e8eef3"},
	{"#eef2f5", "#14191f"}, {"#bcc7d1", "#14191f"}, {"#8fc1ea", "#14191f"}, {"#eef2f5", "#26303a"},
}

// TestContrast holds text to WCAG 2.2 AA, 1.4.3: a contrast of 4.5 to 1. It knows every colour of text there is.
func TestContrast(t *testing.T) {
	known := map[string]bool{}
	for _, c := range colours {
		known[c[0]] = true
		if got := contrast(t, c[0], c[1]); got < 4.5 {
			t.Errorf("%s on %s has a contrast of %.1f, want 4.5", c[0], c[1], got)
		}
	}
	text := regexp.MustCompile(`[^-]color: ?(#[0-9a-f]{6})`)
	for name, m := range letters(t) {
		for _, match := range text.FindAllStringSubmatch(m.HTML, -1) {
			if !known[match[1]] {
				t.Errorf("%s: text has the colour %s, whose contrast nobody looked at", name, match[1])
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is the relative luminance of a colour (WCAG 2.2).
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	rgb, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	linear := func(channel uint64) float64 {
		c := float64(channel&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(rgb>>16) + 0.7152*linear(rgb>>8) + 0.0722*linear(rgb)
}

// TestSizes holds text to 14 pixels and more, and widths to what fits a phone.
func TestSizes(t *testing.T) {
	font := regexp.MustCompile(`font-size:(\d+)px`)
	width := regexp.MustCompile(`[; "]width[:=]"?(\d+)(px|")`)
	for name, m := range letters(t) {
		for _, size := range font.FindAllStringSubmatch(m.HTML, -1) {
			if n, _ := strconv.Atoi(size[1]); n < 14 {
				t.Errorf("%s: text of %d pixels", name, n)
			}
		}
		if fixed := width.FindString(m.HTML); fixed != "" {
			t.Errorf("%s: a fixed width: %s", name, fixed)
		}
	}
}

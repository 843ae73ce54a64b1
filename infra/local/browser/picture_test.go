package browser

import (
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"os"
	"slices"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// tallest is how much of a long page a picture shows, in pixels.
const tallest = 1100

// picture writes the page as it looks to a file, small enough to be kept with the source.
func (b *tab) picture(path string) {
	b.t.Helper()
	full, err := b.shot()
	if err != nil {
		b.t.Fatal(err)
	}
	var small bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&small, reduced(full, 16)); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, small.Bytes(), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// shot is the page as it looks in a window that is as tall.
func (b *tab) shot() (image.Image, error) {
	size, err := tell[[]int64](b, "[innerWidth, Math.max(innerHeight, document.documentElement.scrollHeight)]")
	if err != nil {
		return nil, err
	}
	command(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: size[0], Height: min(size[1], tallest), DeviceScaleFactor: 1})
	defer b.width(size[0])
	shot, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return nil, err
	}
	return png.Decode(bytes.NewReader(shot))
}

// reduced is a picture in so many colours: those that are most of it, each other being the one next to it.
func reduced(full image.Image, most int) *image.Paletted {
	bounds := full.Bounds()
	count := map[color.RGBA]int{}
	at := func(x, y int) color.RGBA {
		r, g, b, _ := full.At(x, y).RGBA()
		return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 255}
	}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	palette := spread(count, most)
	next := map[color.RGBA]uint8{}
	small := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			c := at(x, y)
			i, known := next[c]
			if !known {
				i = uint8(palette.Index(c))
				next[c] = i
			}
			small.SetColorIndex(x, y, i)
		}
	}
	return small
}

// spread are the colours of whole areas, and of the others those there are most of, spread over all there are.
func spread(count map[color.RGBA]int, most int) color.Palette {
	var colours []color.RGBA
	all := 0
	for c, n := range count {
		colours = append(colours, c)
		all += n
	}
	slices.SortFunc(colours, func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], int(a.R)-int(b.R), int(a.G)-int(b.G), int(a.B)-int(b.B))
	})
	var palette color.Palette
	take := func(apart, least int) {
		for _, c := range colours {
			if len(palette) < most && count[c] >= least && !slices.ContainsFunc(palette, func(p color.Color) bool { return near(c, p.(color.RGBA), apart) }) {
				palette = append(palette, c)
			}
		}
	}
	take(3, all/400)
	for apart := 96; apart >= 0; apart -= 16 {
		take(apart, 1)
	}
	return palette
}

// near reports whether two colours differ by no more than that, all channels taken together.
func near(a, b color.RGBA, apart int) bool {
	differ := func(a, b uint8) int { return max(int(a), int(b)) - min(int(a), int(b)) }
	return differ(a.R, b.R)+differ(a.G, b.G)+differ(a.B, b.B) <= apart
}

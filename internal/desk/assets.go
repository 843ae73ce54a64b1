package desk

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"
)

// assetFiles are what pages load.
//
//go:embed assets
var assetFiles embed.FS

// asset is a file under a name that changes with it, so that browsers may keep it for good.
type asset struct {
	name string // "desk.1f0c5d2e7a.css"
	body []byte
}

// assets are all files by their own names. They are read once.
var assets = sync.OnceValue(func() map[string]asset {
	all := make(map[string]asset)
	files, _ := assetFiles.ReadDir("assets") // embedded, like what follows
	for _, f := range files {
		body, _ := assetFiles.ReadFile("assets/" + f.Name())
		sum := sha256.Sum256(body)
		stem, ext := strings.TrimSuffix(f.Name(), path.Ext(f.Name())), path.Ext(f.Name())
		all[f.Name()] = asset{name: stem + "." + hex.EncodeToString(sum[:5]) + ext, body: body}
	}
	return all
})

// assetPath is where a page finds the file of that name.
func assetPath(name string) string { return "/desk/assets/" + assets()[name].name }

// asset answers GET /desk/assets/{file}.
func (c *call) asset() error {
	for _, a := range assets() {
		if a.name == c.r.PathValue("file") {
			c.w.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(a.name)))
			c.w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			c.send(http.StatusOK, a.body)
			return nil
		}
	}
	return c.nothingHere()
}

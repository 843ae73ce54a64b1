package objects

import (
	"bytes"
	"io"
	"maps"
	forms "mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"patrondesk/internal/drop"
)

// post posts a file with the fields before it, as a browser does with a form, and does not go where it is sent.
func post(t *testing.T, address string, fields map[string]string, content string) *http.Response {
	t.Helper()
	var body bytes.Buffer
	w := forms.NewWriter(&body)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if err := w.WriteField(name, fields[name]); err != nil {
			t.Fatal(err)
		}
	}
	file, err := w.CreateFormFile("file", "of my own.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(file, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Post(address, w.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp
}

// posted tests the forms and links that drop.Bucket signs, on S3's API.
func posted(t *testing.T, client *s3.Client, name, queues string) {
	t.Helper()
	b := drop.NewBucket(client, name)
	const key, page = "sis/A/20261123T090000-form.xml", "http://127.0.0.1:1/desk/imports?of=A"
	form := func(done string) (string, map[string]string) {
		t.Helper()
		address, fields, _, err := b.Form(t.Context(), key, done)
		if err != nil {
			t.Fatal(err)
		}
		return address, fields
	}
	address, fields := form("")
	if resp := post(t, address, fields, "<one/>"); resp.StatusCode != http.StatusNoContent {
		t.Errorf("a form: got %s", resp.Status)
	}
	object := drop.Object{Bucket: name, Key: key}
	if a := announced(t, queues)[key]; contentOf(t, b, object) != "<one/>" || a.VersionID == "" || a.ETag == "" {
		t.Errorf("it holds %q and is announced as %+v", contentOf(t, b, object), a)
	}
	address, fields = form(page)
	resp := post(t, address, fields, "<two/>")
	to, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || resp.StatusCode != http.StatusSeeOther || to.Host != "127.0.0.1:1" || to.Path != "/desk/imports" || to.Query().Get("of") != "A" || to.Query().Get("key") != key {
		t.Errorf("a form that goes on to a page: got %s to %s, %v", resp.Status, to, err)
	}
	for what, change := range map[string]func(map[string]string){
		"another key": func(f map[string]string) { f["key"] = "sis/B/a.xml" }, "another page": func(f map[string]string) { f["success_action_redirect"] = "http://127.0.0.1:2/" },
		"a field more": func(f map[string]string) { f["acl"] = "public-read" }, "no signature": func(f map[string]string) { delete(f, "X-Amz-Signature") },
	} {
		changed := maps.Clone(fields)
		change(changed)
		if resp := post(t, address, changed, "<three/>"); resp.StatusCode < 400 {
			t.Errorf("a form with %s: got %s", what, resp.Status)
		}
	}
	if resp := post(t, address, fields, ""); resp.StatusCode < 400 {
		t.Errorf("an empty file: got %s", resp.Status)
	}
	if got := contentOf(t, b, object); got != "<two/>" {
		t.Errorf("it holds %q", got)
	}
	linked(t, b, key)
}

// linked follows a link to the object, which holds "<two/>".
func linked(t *testing.T, b *drop.Bucket, key string) {
	t.Helper()
	link, err := b.Link(t.Context(), key, `again "1".xml`)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || string(text) != "<two/>" || resp.Header.Get("Content-Disposition") != `attachment; filename="again \"1\".xml"` {
		t.Errorf("the link: got %s %q as %s, %v", resp.Status, text, resp.Header.Get("Content-Disposition"), err)
	}
	other, err := http.Get(strings.Replace(link, "form.xml", "other.xml", 1))
	if err != nil {
		t.Fatal(err)
	}
	if other.Body.Close(); other.StatusCode != http.StatusForbidden {
		t.Errorf("the link, changed to another object: got %s", other.Status)
	}
}

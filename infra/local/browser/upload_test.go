package browser

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestAFileIsUploaded uploads a file of the student information system, which goes from the browser to the bucket.
func TestAFileIsUploaded(t *testing.T) {
	t.Parallel()
	b := newTab(t)
	file := filepath.Join(t.TempDir(), "autumn.xml")
	people := `<users><user><primary_id>autumn.one</primary_id><last_name>Leaf</last_name><user_group>01</user_group></user></users>`
	if err := os.WriteFile(file, []byte(people), 0o600); err != nil {
		t.Fatal(err)
	}
	b.signIn("system.administrator")
	b.visit("/desk/jobs")
	b.follow("a[href$='/upload']")
	b.press("Dry run first (recommended)")
	if err := chromedp.Do(b.ctx, chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{file})); err != nil {
		t.Fatal(err)
	}
	b.press("Upload for a dry run")
	b.says("Completed", "What the file would do")
}

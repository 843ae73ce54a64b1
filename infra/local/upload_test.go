package main

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// uploaded has one user who can be created and one who cannot.
const uploaded = `<users><user><primary_id>ola.upload</primary_id><last_name>Upload</last_name><user_group>01</user_group></user>
<user><primary_id>rune.refused</primary_id><last_name>Refused</last_name><user_group>NO_SUCH_GROUP</user_group></user></users>`

// form is what op=upload answers.
type form struct {
	URL   string
	Key   string
	Field []struct{ Name, Value string }
}

// form asks for a form; the query follows op.
func (i *instance) form(t *testing.T, job, query string) (f form) {
	t.Helper()
	status, text := i.call(t, "POST", "/almaws/v1/conf/jobs/"+job+"/instances?op=upload"+query, "")
	if err := json.Unmarshal([]byte(text), &f); err != nil || status != 200 {
		t.Fatalf("%s: %d %s, %v", query, status, text, err)
	}
	return f
}

// post posts a file with the form, as a browser does, and goes where it is sent.
func (f form) post(t *testing.T, content string) *http.Response {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for _, field := range f.Field {
		if err := w.WriteField(field.Name, field.Value); err != nil {
			t.Fatal(err)
		}
	}
	file, err := w.CreateFormFile("file", "users.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(file, content); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	resp, err := http.Post(f.URL, w.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp
}

// done waits until the job of the file at key has ended, and returns its id and its state.
func (i *instance) done(t *testing.T, key string) (id, state string) {
	t.Helper()
	var list struct {
		Instances []struct {
			ID         string
			Patrondesk struct {
				FileKey string `json:"file_key"`
				State   string
			}
		} `json:"job_instance"`
	}
	for range 300 {
		_, text := i.call(t, "GET", "/almaws/v1/conf/jobs/REGISTRAR/instances", "")
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			t.Fatal(err)
		}
		for _, one := range list.Instances {
			if one.Patrondesk.FileKey == key && one.Patrondesk.State != "RUNNING" {
				return one.ID, one.Patrondesk.State
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("nothing became of %s", key)
	return "", ""
}

// TestUpload posts SIS files as a browser does: one for a dry run, and one that is applied and leads to a page. The
// record that was rejected can be had as a file.
func TestUpload(t *testing.T) {
	i := newInstance(t)
	i.start(t)
	dry := i.form(t, "REGISTRAR", "&file_name=users.xml&dry_run=true&partial=true")
	if resp := dry.post(t, uploaded); resp.StatusCode != http.StatusNoContent || !strings.HasPrefix(dry.Key, "dry-run/REGISTRAR/partial/") {
		t.Errorf("%s: %s", dry.Key, resp.Status)
	}
	if _, state := i.done(t, dry.Key); state != "COMPLETED_WITH_ERRORS" {
		t.Errorf("the dry run is %s", state)
	}
	i.wants(t, "GET", users+"ola.upload", "", 400, "401861")

	arrived := make(chan string, 1)
	page := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrived <- r.Method + " " + r.URL.String() }))
	defer page.Close()
	applied := i.form(t, "REGISTRAR", "&file_name=users.xml&partial=true&done="+url.QueryEscape(page.URL+"/desk/jobs/REGISTRAR?from=form"))
	if resp := applied.post(t, uploaded); resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s", applied.Key, resp.Status)
	}
	if at := <-arrived; !strings.HasPrefix(at, "GET /desk/jobs/REGISTRAR?") || !strings.Contains(at, "from=form") || !strings.Contains(at, "key="+url.QueryEscape(applied.Key)) {
		t.Errorf("the browser went on to %s", at)
	}
	id, state := i.done(t, applied.Key)
	if state != "COMPLETED_WITH_ERRORS" {
		t.Errorf("the job is %s", state)
	}
	i.wants(t, "GET", users+"ola.upload", "", 200, `"last_name":"Upload"`)
	i.wants(t, "GET", "/almaws/v1/conf/jobs/REGISTRAR/instances/"+id+"/rejected", "", 200, "rune.refused")
	i.stop(t)
}

package alma

import (
	"encoding/xml"
	"maps"
	"slices"
	"time"
)

// NewFile is the body of POST /conf/jobs/{job_id}/instances?op=upload, a call of ours: the file for which a form is
// asked. Each member may stand in the query instead.
type NewFile struct {
	XMLName  xml.Name `json:"-" xml:"file"`
	FileName string   `json:"file_name" xml:"file_name"`
	DryRun   bool     `json:"dry_run" xml:"dry_run"` // only what it would do is told
	Partial  bool     `json:"partial" xml:"partial"` // it is of some people: nobody is missing from it
	Done     string   `json:"done" xml:"done"`       // the address of the page that S3 sends the browser to afterwards
}

// Upload is the answer: what an HTML form needs with which a browser posts the file straight into the bucket. The form
// has the method post and the enctype multipart/form-data, a hidden input for each field, and behind these the input of
// the file, whose name is file; S3 does not look at what comes after it.
type Upload struct {
	XMLName     xml.Name      `json:"-" xml:"upload"`
	URL         string        `json:"url" xml:"url"` // the form's action
	Fields      []UploadField `json:"field" xml:"fields>field"`
	Key         string        `json:"key" xml:"key"` // of the object the file becomes, and so the file_key of its job instance
	ExpiresDate string        `json:"expires_date" xml:"expires_date"`
}

// UploadField is a hidden input of the form.
type UploadField struct {
	Name  string `json:"name" xml:"name"`
	Value string `json:"value" xml:"value"`
}

// NewUpload shows a form for the object at key. The fields are in the order of their names.
func NewUpload(url string, fields map[string]string, key string, expires time.Time) Upload {
	u := Upload{URL: url, Fields: []UploadField{}, Key: key, ExpiresDate: timestamp(expires)}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		u.Fields = append(u.Fields, UploadField{Name: name, Value: fields[name]})
	}
	return u
}

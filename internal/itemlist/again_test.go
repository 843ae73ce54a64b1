package itemlist

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"patrondesk/internal/job"
)

// read is what lies at a key of the bucket.
func (l *loaded) read(key string) string {
	l.t.Helper()
	text, err := os.ReadFile(filepath.Join(l.dir, key))
	if err != nil {
		l.t.Fatal(err)
	}
	return string(text)
}

func TestRejectedRowsAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, key, text, want string }{
		{"a.csv", "-a.csv", "\ufeff" + header + "\r\n\nB1,1,9,T,MAIN\r\nB2,,9,\"T\nU\",MAIN\r\nB3,3\nB4,4,9,x\"y,MAIN\nB5,5,9,T,NONE",
			header + "B2,,9,\"T\nU\",MAIN\nB3,3\nB4,4,9,x\"y,MAIN\nB5,5,9,T,NONE\n"},
		{"a.ndjson", "-a.jsonl", "\ufeff" + start + end + "\r\n\n{}\r\n{\"x\":\"\xff\",\n" + start + end, "{}\n{\"x\":\"\xff\",\n" + start + end + "\n"},
	} {
		l := newLoaded(t)
		j, _ := l.load(tt.name, "1", tt.text)
		if !strings.HasPrefix(j.Again, "rejected/items/") || !strings.HasSuffix(j.Again, tt.key) {
			t.Errorf("%s: got the key %s, want it to end with %s", tt.name, j.Again, tt.key)
			continue
		}
		again := l.read(j.Again)
		if again != tt.want {
			t.Errorf("%s: got the file\n%q\nwant\n%q", tt.name, again, tt.want)
		}
		if k, report := l.load(tt.name, "2", strings.Replace(again, start, strings.Replace(start, "21", "", 1), 1)); k.Counts.Rejected != j.Counts.Rejected {
			t.Errorf("%s again: got %+v, want as many rejected as of %+v\n%s", tt.name, k.Counts, j.Counts, report)
		}
	}
}

// TestRowsThatCannotStandInAnotherList are told in the report alone.
func TestRowsThatCannotStandInAnotherList(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"quote.csv": header + "B1,1,9,\"T,MAIN\n", "nul.csv": header + strings.Repeat("\n", 5000) + "B1,1,9,\x00,MAIN\n",
		"first.jsonl": start + end + "\nB1,1\n[]\n{\n{\x00}\n", "long.jsonl": start + `"x":"` + strings.Repeat("x", maxLine) + `",` + end,
	} {
		l := newLoaded(t)
		if j, _ := l.load(name, "1", text); j.Counts.Rejected == 0 || j.Again != "" {
			t.Errorf("%s: got %+v and the file %q, want none", name, j.Counts, j.Again)
		}
	}
}

func TestRejectedRowsOfSeveralLists(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for _, file := range [][2]string{
		{"a.csv", header + "B1,,9,T,MAIN\n"}, {"b.jsonl", "{}"}, {"c.csv", "item_id,barcode,mms_id,title,library\n,B2,9,T,MAIN\n"}, {"d.csv", header + "B3,,9,T,MAIN\n"},
	} {
		w, err := z.Create(file[0])
		if err == nil {
			_, err = w.Write([]byte(file[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	l := newLoaded(t)
	j, report := l.load("all.zip", "1", packed.String())
	if want := (job.Counts{Processed: 4, Rejected: 4}); j.Counts != want {
		t.Errorf("got %+v, want %+v\n%s", j.Counts, want, report)
	}
	if got, want := l.read(j.Again), header+"B1,,9,T,MAIN\nB3,,9,T,MAIN\n"; got != want {
		t.Errorf("got the file %q, want %q", got, want)
	}
}

package sis

import (
	"bytes"
	"strings"
	"testing"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/institution"
	"patrondesk/internal/job"
	"patrondesk/internal/sis/synthetic"
)

// csvSettings are the demo library's, whose profile reads the CSV files of package synthetic too.
func csvSettings(t *testing.T) *institution.Institution {
	t.Helper()
	inst := demoSettings(t)
	with := withProfiles(t, `{"code": "CSV", "name": "CSV", "default_user_group": "01", "csv": `+synthetic.Mapping+`}`)
	profile, _ := with.SISProfile("CSV")
	inst.SISProfiles = append(inst.SISProfiles, profile)
	return inst
}

func csvOf(t *testing.T, c synthetic.Config) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestCSVNights drops the synthetic CSV files of two nights.
func TestCSVNights(t *testing.T) {
	t.Parallel()
	store := dynamotest.Store(t)
	l := openWith(t, store, store, csvSettings(t))
	first := synthetic.Config{People: 300, Seed: 5}
	second := first
	second.Night, second.Changed, second.New, second.Gone, second.Swapped = 1, 0.1, 0.02, 0.02, 3
	for _, c := range []synthetic.Config{first, first, second} {
		want := c.Expected()
		if c == first && l.drops > 0 {
			want = synthetic.Counts{Unchanged: 300}
		}
		j, report := l.drop("sis/CSV/users.csv", csvOf(t, c))
		got := synthetic.Counts{Created: j.Counts.Created, Updated: j.Counts.Updated, Unchanged: j.Counts.Unchanged, Missing: j.Counts.Missing}
		if got != want || j.Counts.Rejected > 0 || j.State != job.Completed {
			t.Fatalf("got %s %+v, want %+v\n%.2000s", j.State, j.Counts, want, report)
		}
	}
}

// TestRejectedFileAgain drops the file of the rejected records as it is, and gets the same rejections.
func TestRejectedFileAgain(t *testing.T) {
	t.Parallel()
	store := dynamotest.Store(t)
	l := openWith(t, store, store, csvSettings(t))
	good := csvOf(t, synthetic.Config{People: 3, Seed: 5})
	bad := strings.NewReplacer("Undergraduate Student", "Undergraduate", "Graduate Student", "Graduate", "Faculty", "Professor", "Staff", "Employee", "Alumni", "Past").
		Replace(csvOf(t, synthetic.Config{People: 6, Seed: 5})[len(csvHead(good)):])
	for _, tt := range []struct{ name, file string }{
		{"sis/CSV/users.csv", good + bad + strings.Repeat(",", 5) + "\r\n"},
		{"sis/CSV/users.xml", users(user("x1", ""), user("x2", "<user_group>NOSUCH</user_group>"), "<user><last_name>No id &amp; no more</last_name></user>", "<user>&x;</user>")},
		{"sis/CSV/prefixed.xml", `<?xml version="1.0" encoding="ISO-8859-1"?><n:users xmlns:n="urn:x"><n:user><n:primary_id>y` + "\xfc" + `</n:primary_id><n:last_name>` + "\xdf" + `</n:last_name><n:user_group>NOSUCH</n:user_group></n:user></n:users>`},
	} {
		j, report := l.drop(tt.name, tt.file)
		if j.Counts.Rejected == 0 || j.Again == "" {
			t.Errorf("%s: got %+v", tt.name, j.Counts)
			continue
		}
		again, reportAgain := l.drop("sis/CSV/"+j.Again[strings.LastIndex(j.Again, "/")+1:], l.read(j.Again))
		if want := (job.Counts{Processed: j.Counts.Rejected, Rejected: j.Counts.Rejected}); counted(again.Counts) != want {
			t.Errorf("%s: got %+v, want %+v\n%s\n%s", tt.name, again.Counts, want, report, reportAgain)
		}
		if got, want := reasons(reportAgain), reasons(report); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, want)
		}
	}
}

func csvHead(file string) string { return file[:strings.Index(file, "\n")+1] }

// counted are the counts without those of the people who are not in the file.
func counted(c job.Counts) job.Counts {
	c.Missing = 0
	return c
}

// reasons are the rows of a report without files and lines, and without the lines that reasons name.
func reasons(report string) string {
	var all []string
	for _, row := range strings.Split(report, "\n")[1:] {
		if cells := strings.SplitN(row, ",", 3); len(cells) == 3 {
			before, _, _ := strings.Cut(cells[2], " in line ")
			all = append(all, before)
		}
	}
	return strings.Join(all, "\n")
}

// TestRejectedOfTwoHeaders has an archive of files with other columns; only records of the first one's can stand in the
// file of the rejected ones.
func TestRejectedOfTwoHeaders(t *testing.T) {
	t.Parallel()
	store := dynamotest.Store(t)
	l := openWith(t, store, store, withProfiles(t, `{"code": "TWO", "name": "Two", "csv": {"columns": {
		"No": {"field": "primary_id"}, "Surname": {"field": "last_name"}, "Group": {"field": "user_group"}}}}`))
	j, _ := l.drop("sis/TWO/a.zip", zipped(t, "a.csv", "No,Surname,Group\n1,One,NOSUCH\n", "b.csv", "Surname,Group,No\nTwo,NOSUCH,2\n"))
	if want := "\ufeffNo,Surname,Group\n1,One,NOSUCH\n"; j.Counts.Rejected != 2 || l.read(j.Again) != want {
		t.Errorf("got %+v and the file %q, want %q", j.Counts, l.read(j.Again), want)
	}
}

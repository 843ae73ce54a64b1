package sis

import (
	"encoding/csv"
	"strconv"
	"strings"
	"testing"

	"patrondesk/internal/job"
)

// TestBadFiles drops files that cannot be used and looks at the whole report of each.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	whole := users(user("before", ""))
	tests := []struct{ name, content, want string }{
		{"empty", "", "Could not parse file: line 1: the file is empty. Nothing of this file was applied."},
		{"a PDF", "%PDF-1.7\n", "Could not parse file: line 1: the file is a PDF document; export the users as XML or CSV and drop that. Nothing of this file was applied."},
		{"JSON", `{"user":[]}`, "Could not parse file: line 1: Content is not allowed in prolog: there is text before the first element, so this is no XML file; a CSV file can be read when the profile has the setting csv. Nothing of this file was applied."},
		{"a page", "<!DOCTYPE html><html></html>", "Could not parse file: line 1: the file is a web page (HTML), perhaps the error message or sign-in page of the system it was fetched from. Nothing of this file was applied."},
		{"entities", "<?xml version='1.0'?>\n<!DOCTYPE users [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>\n<users/>", "Could not parse file: line 2: a document type declaration (<!DOCTYPE) is not allowed; leave it out. Nothing of this file was applied."},
		{"truncated", strings.TrimSuffix(whole, "</users>\n"), "Could not parse file: it is truncated; its end is missing. Nothing of this file was applied."},
		{"truncated in a record", whole[:70], "Could not parse file: it is truncated; its end is missing. Nothing of this file was applied."},
		{"crossed tags", users(user("before", ""), "<user><a><b></a></b></user>"), "Could not parse file: line 4: the element <b> is closed by </a>. Nothing of this file was applied."},
		{"unknown encoding", "<?xml version='1.0' encoding='klingon'?><users/>", `"Could not parse file: line 1: the file declares the encoding ""klingon"", which is not known; write it in UTF-8. Nothing of this file was applied."`},
		{"two documents", whole + whole, "Could not parse file: line 6: there is a second root element. Nothing of this file was applied."},
		{"NULs", strings.Repeat("\x00", 2000), "Could not parse file: line 1: Content is not allowed in prolog: there are NUL characters, so this is no XML file. Nothing of this file was applied."},
		{"truncated gzip", gzipped(t, whole)[:40], "The gzip file is truncated. Nothing of this file was applied."},
		{"gzip in gzip", gzipped(t, gzipped(t, whole)), "It is a gzip file within an archive; put the files themselves into one archive. Nothing of this file was applied."},
	}
	for _, tt := range tests {
		j, got := l.synchronise("STUDENTS", tt.content)
		reason := tt.want
		if strings.Contains(reason, ",") && reason[0] != '"' {
			reason = `"` + reason + `"`
		}
		if want := "file,line,id,identifiers,field,reason,other,do\nusers.xml,,,,," + reason + ",,\n"; got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", tt.name, got, want)
		}
		if j.State != job.Failed || j.Reason == "" || j.Counts != (job.Counts{}) {
			t.Errorf("%s: got the job %+v", tt.name, j)
		}
	}
	if _, err := l.store.Patron(t.Context(), "before"); err == nil {
		t.Error("a file that failed was applied in part")
	}
}

// TestBadRecords drops one file with a record of every kind that is refused, between two that are taken.
func TestBadRecords(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.internal("keeper", "K1")
	l.synchronise("STAFF", users(user("ours", "<user_group>STAFFMEMBER</user_group>"+identifier("BARCODE", "S1"))))
	tests := []struct{ record, want string }{
		{user("first", identifier("BARCODE", "F1")), ""},
		{"<user><first_name>No</first_name></user>", ",,primary_id,\"The profile matches by the identifier of type PRIMARY, and the record has none.\""},
		{"<user/>", ",,primary_id,\"The profile matches by the identifier of type PRIMARY, and the record has none.\""},
		{"<user><primary_id>noname</primary_id></user>", "noname,,last_name,Mandatory field is missing: last_name."},
		{user("group", "<user_group>NOSUCH</user_group>"), "group,,user_group,\"Given user group is not legal: \"\"NOSUCH\"\".\""},
		{user("vendor", "<user_group>VENDOR</user_group>"), "vendor,,user_group,Given user group type (VENDOR) is not supported for given user record type (PUBLIC)."},
		{user("keeper", ""), "keeper,,account_type,User is not external."},
		{user("ours", ""), "ours,,external_id,The external id in DB does not fit the given value in xml - external id cannot be updated. The patron belongs to the profile STAFF."},
		{user("first", ""), "first,,primary_id,\"Identifier of type PRIMARY and value first is already taken in this feed, by the record on line 3.\""},
		{user("FIRST", ""), "FIRST,,primary_id,\"Identifier of type PRIMARY and value FIRST is already taken in this feed, by the record on line 3.\""},
		{user("second", identifier("BARCODE", "f1")), "second,BARCODE f1,user_identifier,\"Identifier of type BARCODE and value f1 is already taken in this feed, by the record on line 3.\""},
		{user("taken", identifier("BARCODE", "K1")), "taken,BARCODE K1,user_identifier,\"Identifier of type BARCODE and value K1 is already taken AcrossInstitution, by the patron with primary id keeper.\""},
		{user("K1", ""), "K1,,primary_id,\"Identifier of type PRIMARY and value K1 is already taken AcrossInstitution, by the patron with primary id keeper.\""},
		{user("S1", ""), "S1,,primary_id,\"Identifier of type PRIMARY and value S1 is already taken AcrossInstitution, by the patron with primary id ours.\""},
		{user("twice", identifier("BARCODE", "TWICE")), "twice,BARCODE TWICE,user_identifier,The record has the identifier TWICE twice."},
		{user("idtype", identifier("PASSPORT", "P1")), "idtype,PASSPORT P1,id_type,\"\"\"PASSPORT\"\" is not a legal identifier type.\""},
		{user("date", "<expiry_date>2026-02-30</expiry_date>"), "date,,expiry_date,\"Given expiry_date type (2026-02-30) is invalid. A date is a day there is, written like 2030-09-30.\""},
		{user("status", "<status>ASLEEP</status>"), "status,,status,\"\"\"ASLEEP\"\" is not a legal status.\""},
		{user("mail", "<contact_info><emails><email><email_address>no mail</email_address></email></emails></contact_info>"), "mail,,email_address,\"\"\"no mail\"\" is not a legal email address.\""},
		{user("phone", "<contact_info><phones><phone><phone_number>1</phone_number></phone></phones></contact_info>"), "phone,,phone_type,Mandatory field is missing: phone_type."},
		{user("address", "<contact_info><addresses><address><city>Y</city></address></addresses></contact_info>"), "address,,line1,Mandatory field is missing: line1."},
		{user("pin", "<pin_number>12</pin_number>"), "pin,,pin_number,The PIN is not four digits."},
		{"<user><primary_id>en&tity;</primary_id></user>", "en&tity;,,,\"The XML uses an entity that is not defined in line LINE. An ampersand is written &amp;, and a letter as itself.\""},
		{"<user><primary_id>a\x00b</primary_id></user>", "a\ufffdb,,,The XML contains a character that is not allowed in line LINE."},
		{"<user><primary_id>M\xfcller</primary_id></user>", "M\ufffdller,,,\"The record has characters that could not be decoded; the file is not in the encoding it declares or the profile sets, UTF-8.\""},
		{"<user><primary_id>M\ufffdller</primary_id></user>", "M\ufffdller,,,\"The record has characters that could not be decoded; the file is not in the encoding it declares or the profile sets, UTF-8.\""},
		{"<user a=1><primary_id>x</primary_id></user>", "x,,,The XML is not well formed near line LINE."},
		{user("long", "<first_name>"+strings.Repeat("x", 300)+"</first_name>"), "long,,first_name,\"\"\"" + strings.Repeat("x", 60) + "...\"\" is not a legal first_name.\""},
		{"<user><primary_id>deep</primary_id>" + strings.Repeat("<a>", 200) + strings.Repeat("</a>", 200) + "</user>", "deep,,,The body is nested deeper than 16 levels."},
		{user("large", "<job_description>"+strings.Repeat("x", 8<<20)+"</job_description>"), ",,,The record is larger than 8 MB."},
		{user("last", ""), ""},
	}
	var records []string
	var want strings.Builder
	want.WriteString("file,line,id,identifiers,field,reason\n")
	for i, tt := range tests {
		records = append(records, tt.record)
		if tt.want == "" {
			continue
		}
		line := strconv.Itoa(i + 3)
		row := "users.xml," + line + "," + strings.ReplaceAll(tt.want, "LINE", line) + "\n"
		want.WriteString(row)
	}
	records[14] = strings.Replace(records[14], "</id_type><value>TWICE</value></user_identifier>",
		"</id_type><value>TWICE</value></user_identifier><user_identifier><id_type>INST_ID</id_type><value>twice</value></user_identifier>", 1)
	j, got := l.synchronise("STUDENTS", users(records...))
	want2 := strings.Replace(want.String(), "twice,BARCODE TWICE,", "twice,BARCODE TWICE; INST_ID twice,", 1)
	if got = withoutHelp(t, got); got != want2 {
		t.Errorf("got\n%s\nwant\n%s", got, want2)
	}
	if j.State != job.CompletedWithErrors || j.Counts.Created != 2 || j.Counts.Rejected != len(tests)-2 || j.Counts.Processed != len(tests) {
		t.Errorf("got the job %+v", j)
	}
}

func TestUnknownProfile(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	for key, want := range map[string]string{
		"sis/NOSUCH/a.xml": `There is no SIS profile "NOSUCH". The profiles there are: STUDENTS, STAFF, CARDS, ONCE, KNOWN.`,
		"sis/a.xml":        "The file lies in no profile's folder; put it in sis/PROFILE/. The profiles there are: STUDENTS, STAFF, CARDS, ONCE, KNOWN.",
	} {
		j, _ := l.drop(key, users())
		if j.State != job.Failed || j.Reason != want {
			t.Errorf("%s: got %s %q, want %q", key, j.State, j.Reason, want)
		}
	}
}

// withoutHelp is a report without the columns that tell of another patron and of what to do.
func withoutHelp(t *testing.T, report string) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(report)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	w := csv.NewWriter(&b)
	for _, row := range rows {
		if err := w.Write(row[:6]); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return b.String()
}

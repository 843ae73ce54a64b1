package sis

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

// ada is a full record; the parts SIS files bring and that are not taken are in it too.
const ada = `<user segment="x"><pref_full_name>Ignored</pref_full_name>
  <record_type>STAFF</record_type><account_type>INTERNAL</account_type><external_id>OTHER</external_id>
  <primary_id>10000004</primary_id><first_name>Ada</first_name><last_name>Byron</last_name>
  <user_group>UNDERGRAD</user_group><expiry_date>2030-09-30Z</expiry_date><password>secret1234</password><pin_number>1234</pin_number>
  <contact_info><addresses><address preferred="true" segment_type="Internal"><line1>Old Lane 1</line1><city>Hartfield</city>
    <address_types><address_type>home</address_type></address_types></address><address><line1/><city/></address></addresses>
    <emails><email preferred="true"><email_address>ada@example.edu</email_address><email_types><email_type>work</email_type></email_types></email>
    <email><email_address/></email></emails></contact_info>
  <user_identifiers><user_identifier segment_type="Internal"><id_type>BARCODE</id_type><value>B-ADA</value></user_identifier>
    <user_identifier><id_type>INST_ID</id_type><value>I-ADA</value></user_identifier></user_identifiers>
  <user_roles><user_role><role_type>26</role_type><expiry_date>never</expiry_date></user_role></user_roles>
</user>`

func TestCreate(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	j, _ := l.synchronise("STUDENTS", users(ada))
	if want := (job.Counts{Processed: 1, Created: 1}); j.Counts != want || j.State != job.Completed || j.Report != "sis/STUDENTS/users.xml."+j.ID[:8]+".report.json" {
		t.Fatalf("got the job %+v; report:\n%s", j, l.table(j))
	}
	p := l.patron("b-ada")
	if p.AccountType != patron.External || p.ExternalID != "STUDENTS" || p.RecordType != patron.Public || p.Status != patron.Active || p.PasswordHash != "" {
		t.Errorf("got the account %s %s %s %s", p.AccountType, p.ExternalID, p.RecordType, p.Status)
	}
	if len(p.Roles) != 1 || p.Roles[0].Type.Value != patron.PatronRole || p.Roles[0].Scope.Value != "01DEMO_INST" {
		t.Errorf("got the roles %+v", p.Roles)
	}
	if len(p.Addresses) != 1 || len(p.Emails) != 1 || p.Addresses[0].Segment != patron.ExternalSegment || p.Identifiers[0].Segment != patron.ExternalSegment {
		t.Errorf("got %+v %+v %+v", p.Addresses, p.Emails, p.Identifiers)
	}
	if p.PreferredLanguage.Value != "en" || p.SIS == nil || p.SIS.UserGroup.Value != "UNDERGRAD" || p.PINHash == "" {
		t.Errorf("got %+v, SIS %+v", p.StickyFields, p.SIS)
	}
	if p.Created.By != "sis:STUDENTS" || p.Updated.By != "sis:STUDENTS" || len(p.UID) != 26 {
		t.Errorf("got %+v %+v %q", p.Created, p.Updated, p.UID)
	}
}

func TestSameFileAgainWritesNothing(t *testing.T) {
	t.Parallel()
	recorder := dynamotest.Record()
	l := newLibrary(t, recorder)
	file := users(ada, user("noone", "<note/>"))
	l.synchronise("STUDENTS", file)
	before := l.patron("noone")
	recorder.Take()
	j, _ := l.synchronise("STUDENTS", file)
	if want := (job.Counts{Processed: 2, Unchanged: 2}); j.Counts != want {
		t.Errorf("got %+v, want %+v", j.Counts, want)
	}
	if used := recorder.Take(); used.Calls["TransactWriteItems"]+used.Calls["UpdateItem"] > 0 || used.Calls["BatchGetItem"] > 0 {
		t.Errorf("got %+v, want nothing written but the job", used)
	}
	if after := l.patron("noone"); after.Version != before.Version {
		t.Errorf("got version %d, want %d", after.Version, before.Version)
	}
}

func TestSynchroniseBringsTheNewAddress(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.synchronise("STUDENTS", users(ada))
	pin := l.patron("10000004").PINHash
	l.edit("10000004", func(p *patron.Patron) {
		p.UserGroup.Value = "STAFFMEMBER"
		p.Notes = append(p.Notes, patron.Note{Type: patron.Code{Value: "GENERAL"}, Text: "ours", Segment: patron.InternalSegment})
	})
	j, _ := l.synchronise("STUDENTS", users(strings.Replace(ada, "Old Lane 1", "New Lane 2", 1)))
	if want := (job.Counts{Processed: 1, Updated: 1, Protected: 1}); j.Counts != want {
		t.Errorf("got %+v, want %+v", j.Counts, want)
	}
	p := l.patron("10000004")
	if len(p.Addresses) != 1 || p.Addresses[0].Lines[0] != "New Lane 2" {
		t.Errorf("got the addresses %+v", p.Addresses)
	}
	if p.UserGroup.Value != "STAFFMEMBER" || p.SIS.UserGroup.Value != "UNDERGRAD" || len(p.Notes) != 1 || p.PINHash != pin || len(p.Roles) != 1 {
		t.Errorf("got %+v, SIS %+v, notes %+v", p.StickyFields, p.SIS, p.Notes)
	}
}

func TestModes(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.synchronise("ONCE", users(user("a", "")))
	if _, got := l.synchronise("ONCE", users(user("a", "<first_name>A</first_name>"), user("b", ""))); !strings.Contains(got, "users.xml,3,a,,,\"The patron is already there, and the profile only adds patrons.\",a,\n") {
		t.Errorf("import only: got\n%s", got)
	}
	if _, got := l.synchronise("KNOWN", users(user("c", ""))); !strings.Contains(got, "users.xml,3,c,,,\"No patron matches, and the profile adds none.\",,\n") {
		t.Errorf("known only: got\n%s", got)
	}
}

func TestMatchByAnotherIdentifier(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	person := func(primary, inst string) string {
		return "<user>" + primary + "<first_name>Zoë</first_name><last_name>O'Neil</last_name>" + identifier("INST_ID", inst) + "</user>"
	}
	j, _ := l.synchronise("CARDS", users(person("", "I1"), person("", "I2")))
	if j.Counts.Created != 2 {
		t.Fatalf("got %+v\n%s", j, l.table(j))
	}
	names := []string{l.patron("I1").PrimaryID, l.patron("I2").PrimaryID}
	if strings.Join(names, " ") != "zoe.oneil zoe.oneil2" && strings.Join(names, " ") != "zoe.oneil2 zoe.oneil" {
		t.Errorf("got the primary ids %v", names)
	}
	if j, _ := l.synchronise("CARDS", users(person("", "I1"))); j.Counts.Unchanged != 1 {
		t.Errorf("again: got %+v", j.Counts)
	}
	if l.synchronise("CARDS", users(person("<primary_id>zoe</primary_id>", "I1"))); l.patron("I1").PrimaryID != "zoe" {
		t.Errorf("got the primary id %s, want zoe", l.patron("I1").PrimaryID)
	}
	_, got := l.synchronise("CARDS", users(user("x", ""), user("y", identifier("INST_ID", "I1")+"<!-- -->"), user("z", identifier("BARCODE", "I2"))))
	if !strings.Contains(got, "users.xml,3,x,,user_identifier,\"The profile matches by the identifier of type INST_ID, and the record has none.\"") ||
		!strings.Contains(got, "users.xml,5,z,BARCODE I2,user_identifier,") {
		t.Errorf("got\n%s", got)
	}
}

// TestIdentifierGivenUp has two records that match one patron; the first gives up what the second is matched by, so
// that the second is of somebody else, whatever the size of the window.
func TestIdentifierGivenUp(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	two := "<user_identifiers><user_identifier><id_type>INST_ID</id_type><value>I1</value></user_identifier>" +
		"<user_identifier><id_type>INST_ID</id_type><value>I2</value></user_identifier></user_identifiers>"
	l.synchronise("CARDS", users(user("a", two)))
	j, got := l.synchronise("CARDS", users("<user><last_name>Known</last_name>"+identifier("INST_ID", "I1")+"</user>", "<user><last_name>Known</last_name>"+identifier("INST_ID", "I2")+"</user>"))
	if j.Counts.Updated != 1 || j.Counts.Created != 1 || l.patron("I1").UID == l.patron("I2").UID {
		t.Errorf("got %+v\n%s", j.Counts, got)
	}
}

func TestCardGivenToSomebodyElse(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.synchronise("STUDENTS", users(user("old", identifier("BARCODE", "CARD"))))
	j, got := l.synchronise("STUDENTS", users(user("new", identifier("BARCODE", "CARD")), user("old", identifier("BARCODE", "OTHER"))))
	if want := (job.Counts{Processed: 2, Created: 1, Updated: 1, Identifiers: 1}); j.Counts != want {
		t.Errorf("got %+v, want %+v\n%s", j.Counts, want, got)
	}
	if l.patron("CARD").PrimaryID != "new" || l.patron("OTHER").PrimaryID != "old" {
		t.Error("the card is not the new patron's")
	}
}

func TestCardsHandedOnInTheWorstOrder(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	l.synchronise("STUDENTS", users(user("a", identifier("BARCODE", "1")), user("b", identifier("BARCODE", "2")), user("c", identifier("BARCODE", "3"))))
	j, got := l.synchronise("STUDENTS", users(user("a", identifier("BARCODE", "2")), user("b", identifier("BARCODE", "3")), user("c", identifier("BARCODE", "4"))))
	if j.Counts.Updated != 3 || l.patron("2").PrimaryID != "a" || l.patron("3").PrimaryID != "b" || l.patron("4").PrimaryID != "c" {
		t.Errorf("got %+v\n%s", j.Counts, got)
	}
	j, _ = l.synchronise("STUDENTS", users(user("a", identifier("BARCODE", "3")), user("b", identifier("BARCODE", "2"))))
	if j.Counts.Updated != 2 || l.patron("3").PrimaryID != "a" || l.patron("2").PrimaryID != "b" {
		t.Errorf("an exchange: got %+v", j.Counts)
	}
}

func TestZip(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	file := zipped(t, "a.xml", users(user("a", ""), ada), "broken.xml", "<users><user>", "b.xml", "<userRecords>"+user("b", "<shoe_size>44</shoe_size>")+user("A", "")+"</userRecords>")
	j, _ := l.drop("sis/STUDENTS/night.zip", file)
	if want := (job.Counts{Processed: 4, Created: 3, Rejected: 1}); j.Counts != want || j.State != job.CompletedWithErrors || j.Reason != "" {
		t.Errorf("got %+v", j)
	}
	report := strings.NewReplacer(j.ID, "JOB", j.ID[:8], "JOB").Replace(l.read(j.Report))
	golden(t, strings.ReplaceAll(report, j.Object, "VERSION"), "night.zip.report.json")
	golden(t, l.table(j), "night.zip.report.csv")
	if j, _ := l.drop("sis/STUDENTS/x.xml", gzipped(t, users(user("a", "")))); j.Counts.Unchanged != 1 {
		t.Errorf("gzip: got %+v", j.Counts)
	}
}

func TestDeliveredTwice(t *testing.T) {
	t.Parallel()
	l := newLibrary(t)
	o := l.put("sis/STUDENTS/a.xml", users(user("a", "")))
	for range 2 {
		if err := l.process(o); err != nil {
			t.Fatal(err)
		}
		if j := l.job(o); j.Counts.Created != 1 || j.Counts.Unchanged != 0 {
			t.Errorf("got %+v", j.Counts)
		}
	}
	gone := drop.Object{Bucket: "demo", Key: "sis/STUDENTS/gone.xml", VersionID: "1", Time: l.now()}
	if err := l.process(gone); err != nil {
		t.Fatal(err)
	}
	if j := l.job(gone); j.State != job.Failed || j.Reason != "The file was removed or replaced before it could be read." {
		t.Errorf("got %s %q", j.State, j.Reason)
	}
}

// failing hands on to the store until it has written so many patrons, and then fails for good.
type failing struct {
	*dynamo.Store
	left atomic.Int64
}

func (f *failing) CreatePatron(ctx context.Context, p patron.Patron) (patron.Patron, error) {
	if f.left.Add(-1) < 0 {
		return patron.Patron{}, context.DeadlineExceeded
	}
	return f.Store.CreatePatron(ctx, p)
}

func TestCrashedRunGoesOn(t *testing.T) {
	t.Parallel()
	store := dynamotest.Store(t)
	patrons := &failing{Store: store}
	patrons.left.Store(90)
	l := openLibrary(t, store, patrons)
	var records []string
	for i := range 150 {
		records = append(records, user("p"+strings.Repeat("x", i), ""))
	}
	o := l.put("sis/STUDENTS/a.xml", users(records...))
	if err := l.process(o); err == nil {
		t.Fatal("got no error, so the file would not come again")
	}
	if j := l.job(o); j.State != job.Running {
		t.Errorf("got %s, want the job running", j.State)
	}
	patrons.left.Store(1000)
	if err := l.process(o); err != nil {
		t.Fatal(err)
	}
	if c := l.job(o).Counts; c.Processed != 150 || c.Created != 150 {
		t.Errorf("got %+v", c)
	}
}

// interfering edits the patron at the desk between the reading and the writing of a synchronisation.
type interfering struct {
	*dynamo.Store
	edit func()
	done atomic.Bool
}

func (i *interfering) ReplacePatron(ctx context.Context, before, after patron.Patron) (patron.Patron, error) {
	if i.done.CompareAndSwap(false, true) {
		i.edit()
	}
	return i.Store.ReplacePatron(ctx, before, after)
}

func TestDeskEditDuringTheRunIsKept(t *testing.T) {
	t.Parallel()
	store := dynamotest.Store(t)
	patrons := &interfering{Store: store}
	l := openLibrary(t, store, patrons)
	l.synchronise("STUDENTS", users(ada))
	patrons.edit = func() {
		l.edit("10000004", func(p *patron.Patron) { p.UserGroup.Value = "STAFFMEMBER" })
	}
	l.synchronise("STUDENTS", users(strings.Replace(ada, "Old Lane", "New Lane", 1)))
	if p := l.patron("10000004"); p.UserGroup.Value != "STAFFMEMBER" || p.Addresses[0].Lines[0] != "New Lane 1" {
		t.Errorf("got %s, %v", p.UserGroup.Value, p.Addresses[0].Lines)
	}
}

// TestFaults loads a file while every tenth attempt of a call is throttled, fails or times out, some after having been
// applied; a run that gives up comes again, as the queue sees to.
func TestFaults(t *testing.T) {
	t.Parallel()
	tables := dynamotest.Tables(t)
	store := dynamotest.Open(t, tables)
	bad := dynamotest.Open(t, tables, dynamotest.Chance("", 0.1, 7, dynamotest.Throttled, dynamotest.ServerError, dynamotest.LostRequest, dynamotest.LostAnswer, dynamotest.Conflict))
	l := openLibrary(t, store, bad)
	var records []string
	for i := range 40 {
		records = append(records, user(fmt.Sprintf("p%d", i), identifier("BARCODE", fmt.Sprintf("B%d", i))))
	}
	o := l.put("sis/STUDENTS/a.xml", users(records...))
	for tries := 0; l.process(o) != nil; tries++ {
		if tries == 20 {
			t.Fatal("the file was never finished")
		}
	}
	if j := l.job(o); j.Counts.Processed != 40 || j.Counts.Created != 40 {
		t.Errorf("got %+v\n%s", j.Counts, l.table(j))
	}
	for i := range 40 {
		if p := l.patron(fmt.Sprintf("B%d", i)); p.PrimaryID != fmt.Sprintf("p%d", i) || p.Version != 1 {
			t.Errorf("got %s, version %d", p.PrimaryID, p.Version)
		}
	}
}

// TestBerkeley reads the sample of a real feed, where it is there.
func TestBerkeley(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("../../../shared/reference/alma/sis/*.xml")
	if len(files) == 0 {
		t.Skip("the reference samples are not there")
	}
	l := newLibrary(t)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		j, report := l.synchronise("STUDENTS", strings.ReplaceAll(string(text), "NONACAD", "UNDERGRAD"))
		if j.Counts.Created != 1 {
			t.Errorf("%s: got %+v\n%s", file, j.Counts, report)
		}
	}
}

func FuzzFile(f *testing.F) {
	f.Add([]byte(users(ada)))
	f.Add([]byte(gzipped(f, users(user("a", "")))))
	f.Add([]byte(zipped(f, "a.xml", users(user("a", "<pin_number>1</pin_number>")), "b", "<u><user>")))
	f.Add([]byte("<?xml version='1.0' encoding='latin1'?><u><user><primary_id>\xfc</primary_id></user></u>"))
	f.Fuzz(func(t *testing.T, content []byte) {
		members, err := drop.Unpack(t.Context(), inMemory(content), "f", drop.Limits{Members: 5, Size: 1 << 20, Ratio: 100})
		for _, m := range members {
			stream := &fileStream{w: &work{run: &drop.Run{}, known: &known{}, ends: map[int32]ends{}}}
			stream.do = func(p *person) error {
				if err := p.settle(readText(t.Context(), p)); err != nil {
					t.Errorf("a record ended the run: %v", err)
				}
				return nil
			}
			stream.tick = func(place) error { return nil }
			err = stream.read(t.Context(), m)
		}
		var refused *drop.RefusedError
		if err != nil && !errors.As(err, &refused) {
			t.Errorf("got %v, want a refusal", err)
		}
	})
}

// inMemory is a dropped file for the fuzzer, which has no time for a disk.
type inMemory []byte

func (m inMemory) Size() int64 { return int64(len(m)) }

func (m inMemory) Range(_ context.Context, offset, length int64) (io.ReadCloser, error) {
	return io.NopCloser(io.NewSectionReader(bytes.NewReader(m), offset, length)), nil
}

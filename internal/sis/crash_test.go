package sis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/job"
	"patrondesk/internal/patron"
)

// nightly is a profile in which missing people become inactive and no brake holds anything, once matched by the primary
// id and once by the institution's number.
const nightly = `
  {"code": "NIGHTLY", "name": "Nightly", "default_user_group": "UNDERGRAD", "missing": "inactivate",
   "brake": {"blanked_emails": 1, "blanked_addresses": 1, "inactivated": 1, "identifiers": 1, "rejected": 1}},
  {"code": "NUMBERS", "name": "By number", "match_type": "INST_ID", "default_user_group": "UNDERGRAD", "missing": "inactivate",
   "brake": {"blanked_emails": 1, "blanked_addresses": 1, "inactivated": 1, "identifiers": 1, "rejected": 1}}`

// one is a person in a file.
type individual struct {
	primary, number, card, first, mail, more string
}

func (i individual) String() string {
	var b strings.Builder
	b.WriteString("<user>")
	if i.primary != "" {
		b.WriteString("<primary_id>" + i.primary + "</primary_id>")
	}
	b.WriteString("<first_name>" + i.first + "</first_name><last_name>Known</last_name>" + i.more)
	if i.mail != "" {
		b.WriteString("<contact_info><emails><email preferred=\"true\"><email_address>" + i.mail + "</email_address><email_types><email_type>school</email_type></email_types></email></emails></contact_info>")
	}
	b.WriteString("<user_identifiers>")
	for _, id := range [][2]string{{"INST_ID", i.number}, {"BARCODE", i.card}} {
		if id[1] != "" {
			b.WriteString("<user_identifier><id_type>" + id[0] + "</id_type><value>" + id[1] + "</value></user_identifier>")
		}
	}
	b.WriteString("</user_identifiers></user>")
	return b.String()
}

// twoNights are the files of two nights. In the second, people come, change, go, stay as they are, hand their cards on
// in the worst order and exchange them among two and three; with bad, some records cannot be taken.
func twoNights(random *rand.Rand, profile string, bad bool) (first, second string) {
	var people []individual
	for i := range 34 {
		n := fmt.Sprint(i)
		people = append(people, individual{"p" + n, "N" + n, "C" + n, "First", "p" + n + "@example.edu", ""})
	}
	first = users(texts(people)...)
	p := slices.Clone(people)
	p[0].card, p[1].card = p[1].card, p[0].card                       // exchanged by two
	p[2].card, p[3].card, p[4].card = p[3].card, p[4].card, p[2].card // by three
	p[5].card, p[6].card, p[7].card = p[6].card, p[7].card, "C-new"   // handed on
	p[8].card, p[9].card, p[9].more = p[9].card, "", "<unknown>1</unknown>"
	if profile == "NIGHTLY" { // two of another one's each, in two circles that share a person
		p[10].card, p[11].card = p[11].card, p[10].card
		p[10].number, p[12].number = p[12].number, p[10].number
	} else { // also their primary ids
		p[10].primary, p[11].primary = p[11].primary, p[10].primary
		p[12].primary = "p12-new"
	}
	p[13].mail, p[14].first, p[15].first = "", "Second", "Second"
	p[16].more, p[17].more = "<status>INACTIVE</status>", "<user_group>STAFFMEMBER</user_group>"
	p = slices.Delete(p, 30, 34) // four are missing, and the cards of two have new owners
	p = append(p, individual{primary: "new1", number: "M1", first: "New", card: "C14b"}, individual{primary: "new2", number: "M2", first: "New", card: "C-none"},
		individual{primary: "new3", number: "M3", first: "New", card: "C9b"}, individual{primary: "new4", number: "M4", first: "New", card: people[15].card})
	p[15].card = "C15-new"
	random.Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
	records := texts(p)
	if bad {
		records = append(records, individual{primary: "p20", number: "N20", first: "Twice"}.String(), // after the unchanged one
			individual{primary: "new1", number: "M1", first: "Twice", card: "C-twice"}.String(),
			individual{primary: "bad1", number: "B1", more: "<user_group>NOSUCH</user_group>"}.String(),
			individual{primary: "bad2", number: "B2", card: people[31].card}.String(), // of somebody who is missing
			individual{primary: "bad3", number: "B3", card: people[21].card}.String(), // of somebody who keeps it
			individual{primary: "bad4", number: "B4", card: "K1", more: "<unknown/>"}.String(), "<user>&broken;</user>", individual{primary: "n5", number: "M5"}.String(), individual{primary: "n6", number: "M6", card: "c2"}.String(),
		)
		records = slices.Insert(records, 3, individual{primary: "p22", number: "N22", first: "Before the one that is known"}.String())
	}
	half := len(records) / 2
	return first, "a.xml\x00" + users(records[:half]...) + "\x00b.xml\x00" + users(records[half:]...)
}

func texts(people []individual) []string {
	var all []string
	for _, p := range people {
		all = append(all, p.String())
	}
	return all
}

// night is a library after the first of two nights.
type night struct {
	*library
	tables  dynamo.Tables
	profile string
	file    drop.Object
}

func newNight(t *testing.T, seed uint64, bad bool) *night {
	t.Helper()
	profile := "NIGHTLY"
	if seed%2 == 1 {
		profile = "NUMBERS"
	}
	n := &night{tables: dynamotest.Tables(t), profile: profile}
	store := dynamotest.Open(t, n.tables)
	n.library = openWith(t, store, store, withProfiles(t, nightly))
	n.internal("keeper", "K1")
	first, second := twoNights(rand.New(rand.NewPCG(seed, 1)), profile, bad)
	if j, report := n.drop("sis/"+profile+"/first.xml", first); j.Counts.Created != 34 {
		t.Fatalf("got %+v\n%s", j.Counts, report)
	}
	n.tick = 1
	n.file = n.put("sis/"+profile+"/second.zip", zipped(t, strings.Split(second, "\x00")...))
	return n
}

// run is one life of a process, which dies at that call.
func (n *night) run(dies int, after, quick bool) (calls int, err error) {
	ctx, cancel := context.WithCancel(n.t.Context())
	defer cancel()
	m := &mortal{store: n.store, source: n.inbox.Source, sink: n.inbox.Sink, dies: dies, after: after}
	if quick {
		m.cancel = cancel
	}
	inbox := n.inbox
	inbox.Source, inbox.Sink, inbox.Jobs = m, m, m
	imp := New(inbox, m, m, nil, n.imp.inst)
	imp.window = 4
	err = imp.Process(ctx, n.file)
	n.clock.Add(60)
	return m.calls, err
}

// outcome is what a job left behind, without what differs from run to run.
type outcome struct {
	Patrons  []patron.Patron
	State    job.State
	Reason   string
	Counts   job.Counts
	Forecast *job.Counts
	Files    []job.File
	Rejected []drop.Rejected
	Again    []string
}

func (n *night) outcome() outcome {
	n.t.Helper()
	j := n.job(n.file)
	out := outcome{Patrons: n.everybody(), State: j.State, Reason: j.Reason, Counts: j.Counts, Forecast: j.Forecast, Files: j.Files}
	var report struct{ Rejected []drop.Rejected }
	if err := json.Unmarshal([]byte(n.read(j.Report)), &report); err != nil {
		n.t.Fatal(err)
	}
	out.Rejected = report.Rejected
	if j.Again != "" {
		out.Again = strings.Split(n.read(j.Again), "\n")
		slices.Sort(out.Again)
	}
	return out
}

// everybody is every external patron, and holds that the identifiers are theirs and nobody else's.
func (n *night) everybody() []patron.Patron {
	n.t.Helper()
	owners, people := map[string]string{}, []patron.Patron{}
	input := &dynamodb.ScanInput{TableName: &n.tables.Users}
	for pages := dynamodb.NewScanPaginator(dynamotest.Client(n.t), input); pages.HasMorePages(); {
		page, err := pages.NextPage(n.t.Context())
		if err != nil {
			n.t.Fatal(err)
		}
		for _, it := range page.Items {
			key := it["pk"].(*types.AttributeValueMemberS).Value
			if fold, is := strings.CutPrefix(key, "I#"); is {
				owners[fold] = it["uid"].(*types.AttributeValueMemberS).Value
			} else if uid, is := strings.CutPrefix(key, "U#"); is {
				p, err := n.store.PatronByUID(n.t.Context(), uid)
				if err != nil {
					n.t.Fatal(err)
				}
				people = append(people, p)
			}
		}
	}
	for i := range people {
		p := &people[i]
		for _, id := range p.AllIdentifiers() {
			if fold := patron.Fold(id.Value); owners[fold] != p.UID {
				n.t.Errorf("the identifier %s of %s is with another patron, or with nobody", id.Value, p.PrimaryID)
			}
			delete(owners, patron.Fold(id.Value))
		}
		p.Version, p.Created, p.Updated = 0, patron.Change{}, patron.Change{}
		p.UID, p.Synced = "", patron.Synced{Hash: p.Synced.Hash}
		if p.UserGroup.Value == "" && p.AccountType == patron.External {
			n.t.Errorf("%s has no user group", p.PrimaryID)
		}
	}
	if len(owners) > 0 {
		n.t.Errorf("identifiers of nobody are left: %v", owners)
	}
	slices.SortFunc(people, func(a, b patron.Patron) int { return strings.Compare(a.PrimaryID, b.PrimaryID) })
	return people
}

// same fails with the parts that differ.
func (o outcome) same(t *testing.T, want outcome, said string) {
	t.Helper()
	for _, part := range []struct {
		name      string
		got, want any
	}{
		{"state", o.State, want.State}, {"reason", o.Reason, want.Reason}, {"counts", o.Counts, want.Counts}, {"forecast", o.Forecast, want.Forecast},
		{"files", o.Files, want.Files}, {"rejected", o.Rejected, want.Rejected}, {"again", o.Again, want.Again},
	} {
		if got, want := text(t, part.got), text(t, part.want); got != want {
			t.Errorf("%s: %s: got\n%s\nwant\n%s", said, part.name, got, want)
		}
	}
	if len(o.Patrons) != len(want.Patrons) {
		t.Errorf("%s: got %d patrons, want %d", said, len(o.Patrons), len(want.Patrons))
		return
	}
	for i, p := range o.Patrons {
		other := want.Patrons[i]
		if got, want := text(t, p), text(t, other); got != want || p.Synced != other.Synced {
			t.Errorf("%s: patron: got\n%s %v\nwant\n%s %v", said, got, p.Synced, want, other.Synced)
		}
	}
}

func text(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const kills = 200

// TestKilled kills the process at random calls, most of them while it goes on from an earlier death, and compares what is
// left with a run that nothing happened to.
func TestKilled(t *testing.T) {
	t.Parallel()
	for _, scene := range []struct {
		seed uint64
		bad  bool
	}{{2, false}, {3, false}, {4, true}, {5, true}} {
		t.Run(fmt.Sprint(scene.seed), func(t *testing.T) {
			t.Parallel()
			want, calls := undisturbed(t, scene.seed, scene.bad)
			random := rand.New(rand.NewPCG(scene.seed, 2))
			for deaths := 0; deaths < kills/4; {
				n := newNight(t, scene.seed, scene.bad)
				var said string
				for life := 0; ; life++ {
					dies := 0
					if life < 6 {
						dies = 1 + random.IntN(calls)
					}
					after, quick := random.IntN(2) == 0, random.IntN(20) > 0
					said += fmt.Sprintf("life %d dies at %d (after it: %t); ", life, dies, after)
					if _, err := n.run(dies, after, quick); err == nil {
						break
					}
					deaths++
				}
				n.outcome().same(t, want, said)
				if t.Failed() {
					return
				}
			}
		})
	}
}

// undisturbed is what a run leaves that nothing happens to, and how many calls it makes.
func undisturbed(t *testing.T, seed uint64, bad bool) (outcome, int) {
	t.Helper()
	n := newNight(t, seed, bad)
	calls, err := n.run(0, false, false)
	if err != nil {
		t.Fatal(err)
	}
	want := n.outcome()
	if testing.Verbose() {
		t.Logf("%d calls, %+v, forecast %+v", calls, want.Counts, want.Forecast)
		for _, r := range want.Rejected {
			t.Logf("%+v", r)
		}
	}
	if want.Counts != *want.Forecast {
		t.Errorf("got %+v, which the survey told as %+v", want.Counts, *want.Forecast)
	}
	if bad == (want.State == job.Completed) || (want.Counts.Inactivated == 0) != bad {
		t.Errorf("got the state %s with %+v", want.State, want.Counts)
	}
	return want, calls
}

// TestManyFaults runs the same files while every tenth attempt of a call is refused, fails, or loses its answer. The run
// comes again, as the queue sees to.
func TestManyFaults(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			want, _ := undisturbed(t, seed, seed > 1)
			n := newNight(t, seed, seed > 1)
			bad := dynamotest.Open(t, n.tables, dynamotest.Chance("", 0.1, seed+7, dynamotest.Throttled, dynamotest.ServerError,
				dynamotest.LostRequest, dynamotest.LostAnswer, dynamotest.Conflict, dynamotest.Partial))
			inbox := n.inbox
			inbox.Jobs = bad
			n.imp = New(inbox, bad, bad, nil, n.imp.inst)
			n.imp.window = 4
			for tries := 0; ; tries++ {
				err := n.process(n.file)
				if err == nil {
					break
				}
				if tries == 20 || errors.Is(err, context.Canceled) {
					t.Fatal("the file was never finished:", err)
				}
			}
			n.outcome().same(t, want, "with faults")
		})
	}
}

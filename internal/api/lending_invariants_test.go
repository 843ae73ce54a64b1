package api

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
)

// books are what the tables say of lending, read past the store.
type books struct {
	t        testing.TB
	accounts map[string]fulfillment.Account             // by UID
	loans    map[string]map[string]fulfillment.Loan     // active ones by UID and id
	past     map[string]fulfillment.Loan                // by id
	fees     map[string]map[string]fulfillment.Fee      // by UID and id, open and closed
	custody  map[string]fulfillment.Custody             // by item
	requests map[string]map[string]fulfillment.Request  // active ones by UID and id
	ended    map[string]fulfillment.Request             // by id
	queues   map[string][]fulfillment.Waiting           // by title
	people   map[string]bool                            // UIDs of those who are stored
	listed   map[string]map[string]types.AttributeValue // what is on a worklist, by partition key
}

// checkLending reads the tables and looks for what does not agree: it is the law of lending, whoever did what meanwhile.
func checkLending(t testing.TB, d *desk) *books {
	t.Helper()
	b := readBooks(t, d)
	b.checkLoans()
	b.checkAccounts()
	b.checkQueues()
	b.checkHeld()
	b.checkPeople()
	return b
}

func readBooks(t testing.TB, d *desk) *books {
	t.Helper()
	b := &books{
		t: t, accounts: map[string]fulfillment.Account{}, loans: map[string]map[string]fulfillment.Loan{}, past: map[string]fulfillment.Loan{},
		fees: map[string]map[string]fulfillment.Fee{}, custody: map[string]fulfillment.Custody{}, requests: map[string]map[string]fulfillment.Request{},
		ended: map[string]fulfillment.Request{}, queues: map[string][]fulfillment.Waiting{}, people: map[string]bool{}, listed: map[string]map[string]types.AttributeValue{},
	}
	client := dynamotest.Client(t)
	for _, table := range []string{d.tables.Loans, d.tables.Requests, d.tables.Users} {
		for pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &table, ConsistentRead: aws.Bool(true)}); pages.HasMorePages(); {
			out, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, it := range out.Items {
				if table == d.tables.Users {
					pk, _ := it["pk"].(*types.AttributeValueMemberS)
					uid, isPatron := strings.CutPrefix(pk.Value, "U#")
					b.people[uid] = isPatron
					continue
				}
				b.enter(it, table == d.tables.Loans)
			}
		}
	}
	return b
}

// enter takes in one item of a table.
func (b *books) enter(it map[string]types.AttributeValue, ofLoans bool) {
	b.t.Helper()
	text := func(name string) string {
		s, _ := it[name].(*types.AttributeValueMemberS)
		if s == nil {
			return ""
		}
		return s.Value
	}
	pk, sk, doc := text("pk"), text("sk"), text("doc")
	_, id, _ := strings.Cut(pk, "#")
	kind, _, _ := strings.Cut(sk, "#")
	if text("wl") != "" {
		b.listed[pk] = it
	}
	switch {
	case ofLoans && sk == "A!":
		b.accounts[id] = docOf[fulfillment.Account](b.t, doc)
	case ofLoans && kind == "A":
		l := docOf[fulfillment.Loan](b.t, doc)
		put(b.loans, id, l.ID, l)
	case ofLoans && kind == "H":
		l := docOf[fulfillment.Loan](b.t, doc)
		b.past[l.ID] = l
	case ofLoans && (kind == "F" || kind == "G"):
		f := docOf[fulfillment.Fee](b.t, doc)
		put(b.fees, id, f.ID, f)
		if f.Open() != (kind == "F") {
			b.t.Errorf("the fee %s is %s under %s", f.ID, f.Status, sk)
		}
	case ofLoans && sk == "C":
		b.custody[id] = docOf[fulfillment.Custody](b.t, doc)
	case !ofLoans && kind == "A":
		r := docOf[fulfillment.Request](b.t, doc)
		put(b.requests, id, r.ID, r)
	case !ofLoans && kind == "H":
		r := docOf[fulfillment.Request](b.t, doc)
		b.ended[r.ID] = r
	case !ofLoans && sk == "Q":
		b.queues[id] = docOf[[]fulfillment.Waiting](b.t, doc)
	}
}

func docOf[T any](t testing.TB, doc string) T {
	t.Helper()
	var of T
	if err := json.Unmarshal([]byte(doc), &of); err != nil {
		t.Fatal(err)
	}
	return of
}

func put[T any](all map[string]map[string]T, uid, id string, one T) {
	if all[uid] == nil {
		all[uid] = map[string]T{}
	}
	all[uid][id] = one
}

// checkLoans holds that each item has one active loan at most, whose custody says so.
func (b *books) checkLoans() {
	b.t.Helper()
	lent := map[string]string{}
	for uid, loans := range b.loans {
		for _, l := range loans {
			if other, twice := lent[l.ItemID]; twice {
				b.t.Errorf("the item %s has the loans %s and %s", l.ItemID, other, l.ID)
			}
			lent[l.ItemID] = l.ID
			if c := b.custody[l.ItemID]; c.State != fulfillment.OnLoan || c.UID != uid || c.LoanID != l.ID {
				b.t.Errorf("the item %s is lent by %s, and its custody is %+v", l.ItemID, l.ID, c)
			}
			if !l.Active() {
				b.t.Errorf("the loan %s is over and among the active ones", l.ID)
			}
			if _, over := b.past[l.ID]; over {
				b.t.Errorf("the loan %s is active and over", l.ID)
			}
		}
	}
	for id, c := range b.custody {
		if c.State == fulfillment.OnLoan && lent[id] != c.LoanID {
			b.t.Errorf("the custody of the item %s is %+v, and there is no such loan", id, c)
		}
	}
}

// checkAccounts holds that each account counts the patron's loans and fees, and that it is on the worklist when it
// counts any.
func (b *books) checkAccounts() {
	b.t.Helper()
	for uid := range b.people {
		var want fulfillment.Account
		for _, l := range b.loans[uid] {
			want = want.Change(fulfillment.Loan{}, l)
		}
		for _, f := range b.fees[uid] {
			want = want.Owe(fulfillment.Fee{}, f)
			if f.Balance() < 0 || f.Balance() == 0 != (f.Status == fulfillment.FeeClosed) {
				b.t.Errorf("the fee %s is %s and its balance is %d", f.ID, f.Status, f.Balance())
			}
		}
		got := b.accounts[uid]
		if got.Loans != want.Loans || got.Balance != want.Balance || got.Fees != want.Fees || !slices.Equal(got.Dues, want.Dues) {
			b.t.Errorf("the account of %s is %+v, and its loans and fees are %+v", uid, got, want)
		}
		if _, listed := b.listed["U#"+uid]; listed != !want.Idle() {
			b.t.Errorf("the account of %s is on the worklist: %v", uid, listed)
		}
	}
}

// checkQueues holds that in each title's queue there are its requests that are not started, each once and as it is.
func (b *books) checkQueues() {
	b.t.Helper()
	waits := map[string]string{} // title by request
	for title, queue := range b.queues {
		for _, w := range queue {
			if _, twice := waits[w.ID]; twice {
				b.t.Errorf("the request %s waits twice", w.ID)
			}
			waits[w.ID] = title
			r, active := b.requests[w.UID][w.ID]
			if !active || r.Status != fulfillment.NotStarted || r.MMSID != title || fulfillment.NewWaiting(w.UID, w.UserGroup, r) != w {
				b.t.Errorf("in the queue of %s is %+v, and the request is %s for %s", title, w, r.Status, r.MMSID)
			}
		}
	}
	for _, requests := range b.requests {
		for _, r := range requests {
			if _, over := b.ended[r.ID]; over {
				b.t.Errorf("the request %s is active and over", r.ID)
			}
			if _, found := waits[r.ID]; found != (r.Status == fulfillment.NotStarted) {
				b.t.Errorf("the request %s is %s, and waits in a queue: %v", r.ID, r.Status, found)
			}
		}
	}
}

// checkHeld holds that each item on a hold shelf, or on its way to one, is that of an active request which says so.
func (b *books) checkHeld() {
	b.t.Helper()
	for uid, requests := range b.requests {
		for _, r := range requests {
			if r.Type != fulfillment.Hold || r.Status == fulfillment.NotStarted {
				continue
			}
			c, on := b.custody[r.HeldItemID], fulfillment.OnShelf
			if r.Status == fulfillment.InProcess {
				on = fulfillment.InTransit
			}
			if c.State != on || c.UID != uid || c.RequestID != r.ID || c.Until != r.ExpiryDate {
				b.t.Errorf("the request %s is %s until %q, and the custody of its item is %+v", r.ID, r.Status, r.ExpiryDate, c)
			}
		}
	}
	for id, c := range b.custody {
		if c.RequestID != "" && b.requests[c.UID][c.RequestID].HeldItemID != id {
			b.t.Errorf("the custody of the item %s is %+v, and the request holds %q", id, c, b.requests[c.UID][c.RequestID].HeldItemID)
		}
		if _, listed := b.listed["P#"+id]; listed != (c.State == fulfillment.OnShelf) {
			b.t.Errorf("the item %s is %s and on the worklist: %v", id, c.State, listed)
		}
	}
}

// checkPeople holds that whoever has, owes or wants something is a patron.
func (b *books) checkPeople() {
	b.t.Helper()
	uids := slices.Collect(maps.Keys(b.accounts))
	uids = slices.AppendSeq(uids, maps.Keys(b.loans))
	uids = slices.AppendSeq(uids, maps.Keys(b.fees))
	uids = slices.AppendSeq(uids, maps.Keys(b.requests))
	for _, uid := range uids {
		if !b.people[uid] {
			b.t.Errorf("there is no patron %s, whose loans are %v, fees %v and requests %v", uid, b.loans[uid], b.fees[uid], b.requests[uid])
		}
	}
}

package fulfillment

import (
	"strings"
	"testing"
	"time"
)

// stock is a library of whose items those with the policy REFERENCE are not lent.
type stock struct{ house }

func (s stock) Policy(_, itemPolicy, _ string) Policy {
	p := rules.policy
	p.NotLoanable = itemPolicy == "REFERENCE"
	return p
}

func TestForWhomAnItemWillDo(t *testing.T) {
	dvd, reference := emma, emma
	dvd.ID, dvd.MaterialType.Value = "24", "DVD"
	reference.ID, reference.ItemPolicy.Value = "25", "REFERENCE"
	volume := emma
	volume.Description = "v. 2"
	ofTitle, ofItem, ofVolume := hold("1", mainDesk), hold("2", mainDesk), hold("3", mainDesk)
	if err := ofTitle.ForTitle([]Item{emma, dvd}); err != nil {
		t.Fatal(err)
	}
	ofItem.ForItem(emma)
	ofItem.Description = "v.2" // as it was catalogued when it was asked for
	ofVolume.Description = "v.1"
	lapsed := hold("4", mainDesk)
	lapsed.LastInterestDate = "2026-11-22"
	today := lapsed
	today.LastInterestDate = "2026-11-23"
	for _, tt := range []struct {
		name string
		r    Request
		it   Item
		want bool
	}{
		{"any copy", ofTitle, emma, true},
		{"any copy, though of another material", ofTitle, dvd, true},
		{"a copy that is not lent", ofTitle, reference, false},
		{"that very item", ofItem, emma, true},
		{"that very item, described anew", ofItem, volume, true},
		{"another item", ofItem, dvd, false},
		{"another volume", ofVolume, volume, false},
		{"wanted until yesterday", lapsed, emma, false},
		{"wanted until today", today, emma, true},
	} {
		q := Queue{}.With(NewWaiting("ada", "01", tt.r))
		if _, got := q.First(tt.it, stock{rules}, noon); got != tt.want {
			t.Errorf("%s: got %t", tt.name, got)
		}
	}
}

func TestAskingForWhatOneHas(t *testing.T) {
	reference := emma
	reference.ItemPolicy.Value = "REFERENCE"
	lentTo := map[string]Custody{"23": {ItemID: "23", State: OnLoan, UID: "ada", LoanID: "7"}}
	for _, tt := range []struct {
		name, uid string
		it        Item
		reason    string
	}{
		{"on loan to the patron", "ada", emma, OnLoanToPatron},
		{"on loan to another", "bob", emma, ""},
		{"not lent", "bob", reference, NoCopyLent},
	} {
		w := NewWaiting(tt.uid, "01", hold("1", mainDesk))
		got, refused := w.Refused([]Item{tt.it}, lentTo, stock{rules}, noon)
		if got.Reason != tt.reason || refused != (tt.reason != "") || !strings.HasPrefix(got.Reason, string(got.Kind)) {
			t.Errorf("%s: got %+v, %t", tt.name, got, refused)
		}
	}
}

// TestPickupChangedOnTheWay moves the pickup of a request whose item travels: the next scan follows.
func TestPickupChangedOnTheWay(t *testing.T) {
	named := &PatronRequest{"ada", hold("of ada", mainDesk)}
	named.Request.Status, named.Request.HeldItemID = InProcess, "23"
	r := returned(0)
	r.Loan, r.Named = nil, named
	r.Custody = Custody{ItemID: "23", Version: 4, State: InTransit, UID: "ada", RequestID: "of ada", At: mainDesk, To: scienceDesk}
	if out, _ := r.Do(); out.Custody.State != OnShelf || out.For.Request.Status != OnHoldShelf {
		t.Errorf("where it is wanted now: got %+v", out.Custody)
	}
	r.Desk = scienceDesk
	if out, _ := r.Do(); out.Custody.State != InTransit || !mainDesk.Is(out.Custody.To) {
		t.Errorf("where it was to go: got %+v", out.Custody)
	}
}

func TestRenewalAndTheQueue(t *testing.T) {
	l, a := lent(0)
	l.Process = Recalled
	r := Renewal{Borrower: thomas, Account: a, Loan: l, Rules: rules, Now: noon}
	if o := r.Obstacles(); len(o) != 0 {
		t.Errorf("recalled, and nobody waits any more: got %+v", o)
	}
	r.Queue = queueOf("thomas", "ada")
	if o := r.Obstacles(); len(o) != 1 || o[0].Kind != ItemRequested {
		t.Errorf("somebody waits behind the patron: got %+v", o)
	}
}

// TestFinesAreNotLost holds that no change of a loan makes a fine go away, and none makes it more than the cap.
func TestFinesAreNotLost(t *testing.T) {
	l, a := lent(4) // three days late
	edit := LoanEdit{UID: "thomas", Loan: l, Account: a, Rules: rules, By: "desk", Now: noon}
	later, m, err := edit.Due(noon.AddDate(0, 0, 1).Add(30 * time.Second))
	if err != nil || len(m.Fees) != 1 || m.Fees[0].After.Original != 60 || later.Fined != 60 || later.Due.Second() != 0 {
		t.Fatalf("another due date: got %v %+v %+v", err, later, m.Fees)
	}
	if got := later.FineAt(noon.AddDate(0, 0, 30), Calendar{}); got != 40 {
		t.Errorf("overdue again: got %d, want what the cap leaves", got)
	}
	claimed, _, err := edit.ClaimedReturned()
	if err != nil {
		t.Fatal(err)
	}
	edit.Loan, edit.Now = claimed, noon.AddDate(0, 0, 20)
	lost, _, err := edit.Lost()
	if got := lost.FineAt(noon.AddDate(0, 0, 30), Calendar{}); err != nil || got != 60 {
		t.Errorf("said to be returned, and then lost: got %d, %v", got, err)
	}
	edit.Loan = lost
	back, _, err := edit.Found()
	if got := back.FineAt(noon.AddDate(0, 0, 30), Calendar{}); err != nil || got != 100 {
		t.Errorf("not returned after all: got %d, %v", got, err)
	}
}

package fulfillment

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"
)

// house is a library's rules for tests: 14 days, 20 a day and at most 100 for late items, two renewals.
type house struct {
	limits Limits
	policy Policy
}

func (h house) Policy(string, string, string) Policy { return h.policy }
func (h house) Limits(string) Limits                 { return h.limits }
func (h house) Calendar(string) Calendar             { return Calendar{} }
func (h house) ShelfDays(string) int                 { return 7 }
func (h house) MoneyText(m Money) string             { return m.Decimal(2) + " GBP" }

var (
	rules = house{policy: Policy{
		Name: "usual", Days: 14, Renewals: 2, Fine: FineRule{PerDay: 20, Cap: 100, ClosedDays: true},
		Lost: LostRule{Replacement: 4000, Processing: 500}, Recall: RecallRule{Days: 3, KeepDays: 5},
	}}
	mainDesk    = Desk{Library: Code{Value: "MAIN"}, Desk: Code{Value: "DESK"}}
	scienceDesk = Desk{Library: Code{Value: "SCIENCE"}, Desk: Code{Value: "SCI"}}
	emma        = Item{ID: "23", Barcode: "311", MMSID: "99", Title: "Emma", Library: mainDesk.Library}
	thomas      = Borrower{UID: "thomas", UserGroup: "01"}
)

func hold(id string, pickup Desk) Request {
	return Request{
		ID: id, Version: 1, Type: Hold, Status: NotStarted, MMSID: "99", PickupType: "LIBRARY",
		PickupLibrary: pickup.Library, PickupCirculationDesk: pickup.Desk,
	}
}

func queueOf(uids ...string) Queue {
	q := Queue{MMSID: "99", Version: 1}
	for _, uid := range uids {
		q = q.With(NewWaiting(uid, "01", hold("of "+uid, mainDesk)))
	}
	return q
}

func checkOut() CheckOut {
	return CheckOut{Borrower: thomas, Item: emma, Custody: Custody{ItemID: "23"}, Desk: mainDesk, Rules: rules, By: "desk", Now: noon}
}

func TestCheckOut(t *testing.T) {
	loan, m, err := checkOut().Do()
	if err != nil {
		t.Fatal(err)
	}
	due := time.Date(2026, 12, 7, 23, 59, 0, 0, time.UTC)
	if !loan.Due.Equal(due) || loan.Title != "Emma" || loan.Process != Normal || loan.Terms.Policy != "usual" || loan.LentBy != "desk" || loan.Desk != mainDesk {
		t.Errorf("got %+v", loan)
	}
	want := Movement{
		Loans:    []LoanChange{{UID: "thomas", After: loan}},
		Accounts: []AccountChange{{UID: "thomas", After: Account{Loans: 1, Dues: []int64{due.Unix() / 60}}}},
		Custody:  []CustodyChange{{Before: Custody{ItemID: "23"}, After: Custody{ItemID: "23", State: OnLoan, UID: "thomas", LoanID: loan.ID}}},
		Stays:    []string{"thomas"},
	}
	if !reflect.DeepEqual(m, want) {
		t.Errorf("got %+v\nwant %+v", m, want)
	}
}

func TestObstacles(t *testing.T) {
	overdue := noon.Add(-time.Hour).Unix() / 60
	for _, tt := range []struct {
		name   string
		change func(*CheckOut)
		want   []ObstacleKind
		final  bool // cannot be overridden
	}{
		{"nothing", func(*CheckOut) {}, nil, false},
		{"on loan to another", func(c *CheckOut) { c.Custody.State, c.Custody.UID = OnLoan, "ada" }, []ObstacleKind{ItemOnLoan}, true},
		{"on loan to the patron", func(c *CheckOut) { c.Custody.State, c.Custody.UID = OnLoan, "thomas" }, []ObstacleKind{ItemOnLoan}, true},
		{"on the shelf for another", func(c *CheckOut) { c.Custody = shelved("ada") }, []ObstacleKind{ItemHeld}, true},
		{"on its way for another", func(c *CheckOut) { c.Custody = Custody{State: InTransit, UID: "ada", RequestID: "of ada"} }, []ObstacleKind{ItemHeld}, true},
		{"on its way home", func(c *CheckOut) { c.Custody.State = InTransit }, nil, false},
		{"on the shelf for the patron, while others wait", func(c *CheckOut) { c.Custody, c.Queue = shelved("thomas"), queueOf("ada") }, nil, false},
		{"another waits", func(c *CheckOut) { c.Queue = queueOf("ada", "thomas") }, []ObstacleKind{ItemRequested}, false},
		{"the patron waits first", func(c *CheckOut) { c.Queue = queueOf("thomas", "ada") }, nil, false},
		{"another waits for another copy", func(c *CheckOut) {
			r := hold("1", mainDesk)
			r.ItemID = "24"
			c.Queue = Queue{MMSID: "99"}.With(NewWaiting("ada", "01", r))
		}, nil, false},
		{"not loanable", func(c *CheckOut) { c.Rules = house{policy: Policy{NotLoanable: true}} }, []ObstacleKind{NotLoanable}, false},
		{"missing, says the catalogue", func(c *CheckOut) { c.Item.Status = ItemMissing }, []ObstacleKind{NotLoanable}, false},
		{"the record", func(c *CheckOut) {
			c.Borrower.Obstacles = []Obstacle{{Kind: Blocked, Reason: "BLOCKED", Words: "Blocked.", Overridable: true}}
		}, []ObstacleKind{Blocked}, false},
		{"no borrower", func(c *CheckOut) {
			c.Borrower.Obstacles = []Obstacle{{Kind: NoBorrower, Reason: "NO_BORROWER_INACTIVE", Words: "Inactive."}}
		}, []ObstacleKind{NoBorrower}, true},
		{"limits", func(c *CheckOut) {
			c.Rules = house{policy: rules.policy, limits: Limits{Loans: 2, Overdue: 1, Fees: 100}}
			c.Account = Account{Loans: 2, Dues: []int64{overdue, overdue + 999}, Balance: 101, Fees: 1}
		}, []ObstacleKind{LoanLimit, OverdueLimit, FeeLimit}, false},
		{"at the limits", func(c *CheckOut) {
			c.Rules = house{policy: rules.policy, limits: Limits{Loans: 3, Overdue: 2, Fees: 100}}
			c.Account = Account{Loans: 2, Dues: []int64{overdue, overdue + 999}, Balance: 100, Fees: 1}
		}, nil, false},
	} {
		c := checkOut()
		tt.change(&c)
		_, _, err := c.Do()
		var refused *ObstaclesError
		if errors.As(err, &refused) != (tt.want != nil) || refused != nil && !slices.Equal(kinds(refused), tt.want) {
			t.Errorf("%s: got %+v", tt.name, refused)
		}
		c.Override = true
		loan, _, err := c.Do()
		if (err != nil) != tt.final || err == nil && len(loan.Overrides) != len(tt.want) {
			t.Errorf("%s: overridden: %v, %+v", tt.name, err, loan.Overrides)
		}
	}
}

func kinds(e *ObstaclesError) []ObstacleKind {
	var all []ObstacleKind
	for _, o := range e.Obstacles {
		all = append(all, o.Kind)
	}
	return all
}

func shelved(uid string) Custody {
	return Custody{ItemID: "23", Version: 4, State: OnShelf, UID: uid, RequestID: "of " + uid, At: mainDesk, Until: "2026-11-25"}
}

func TestCheckOutFulfilsTheRequest(t *testing.T) {
	req := hold("of thomas", mainDesk)
	req.Status = OnHoldShelf
	c := checkOut()
	c.Custody, c.Request, c.Queue = shelved("thomas"), &req, queueOf("ada")
	loan, m, err := c.Do()
	if err != nil || loan.RequestID != "of thomas" || len(m.Requests) != 1 || m.Requests[0].After.Status != History || len(m.Queues) != 0 {
		t.Errorf("from the shelf: got %v %+v", err, m)
	}
	req.Status = NotStarted
	c.Custody, c.Queue = Custody{ItemID: "23"}, queueOf("thomas", "ada")
	_, m, err = c.Do()
	if err != nil || len(m.Queues) != 1 || m.Queues[0].Place("of ada") != 1 {
		t.Errorf("from the queue: got %v %+v", err, m)
	}
}

// lentTo is Emma on loan to Thomas since the noon before that many days, due the next day, and his account.
func lent(days int) (Loan, Account) {
	l := ofItem(emma)
	l.ID, l.Version, l.Lent, l.Due, l.Terms = "7", 1, noon.AddDate(0, 0, -days), noon.AddDate(0, 0, 1-days), rules.policy.terms()
	a := Account{Version: 3}.Change(Loan{}, l)
	return l, a
}

func returned(days int) Return {
	l, a := lent(days)
	return Return{
		Item: emma, Custody: Custody{ItemID: "23", Version: 2, State: OnLoan, UID: "thomas", LoanID: "7"}, Loan: &l, Account: a,
		Desk: mainDesk, Rules: rules, By: "desk", Now: noon, Returned: noon,
	}
}

func TestReturnInTime(t *testing.T) {
	out, m := returned(0).Do()
	if out.Fine != nil || out.Loan.Active() || out.Custody != (Custody{ItemID: "23", Version: 2}) || out.For != nil {
		t.Errorf("got %+v", out)
	}
	if a := m.Accounts[0].After; !a.Idle() || len(a.Dues) != 0 || len(m.Custody) != 1 {
		t.Errorf("got %+v", m)
	}
}

func TestReturnLate(t *testing.T) {
	out, m := returned(4).Do()
	if out.Fine == nil || out.Fine.Original != 60 || out.Fine.Type != OverdueFine || out.Fine.LoanID != "7" {
		t.Fatalf("got %+v", out.Fine)
	}
	if a := m.Accounts[0].After; a.Loans != 0 || a.Balance != 60 || a.Fees != 1 || m.Fees[0].After.ID != out.Fine.ID {
		t.Errorf("got %+v", m)
	}
	dropped := returned(4)
	dropped.Returned = noon.AddDate(0, 0, -2)
	if out, _ := dropped.Do(); out.Fine == nil || out.Fine.Original != 20 {
		t.Errorf("from the book drop: got %+v", out.Fine)
	}
}

func TestWhereAReturnedItemGoes(t *testing.T) {
	ada := func(pickup Desk) *PatronRequest { return &PatronRequest{"ada", hold("of ada", pickup)} }
	onShelf := ada(mainDesk)
	onShelf.Request.Status, onShelf.Request.ExpiryDate, onShelf.Request.HeldItemID = OnHoldShelf, "2026-11-25", "23"
	travels := ada(scienceDesk)
	travels.Request.Status, travels.Request.HeldItemID = InProcess, "23"
	transit := Custody{ItemID: "23", Version: 4, State: InTransit, UID: "ada", RequestID: "of ada", At: mainDesk, To: scienceDesk}
	old := shelved("ada")
	old.Until = "2026-11-22"
	for _, tt := range []struct {
		name     string
		change   func(*Return)
		want     CustodyState
		of       string
		requests int
	}{
		{"nobody waits", func(*Return) {}, AtPlace, "", 0},
		{"at another library", func(r *Return) { r.Desk = scienceDesk }, InTransit, "", 0},
		{"somebody waits here", func(r *Return) { r.Next, r.Queue = ada(mainDesk), queueOf("ada") }, OnShelf, "ada", 1},
		{"somebody waits elsewhere", func(r *Return) { r.Next, r.Queue = ada(scienceDesk), queueOf("ada") }, InTransit, "ada", 1},
		{"scanned on the shelf", func(r *Return) { r.Custody, r.Loan, r.Named = shelved("ada"), nil, onShelf }, OnShelf, "ada", 0},
		{"carried off the shelf", func(r *Return) { r.Custody, r.Loan, r.Named, r.Desk = shelved("ada"), nil, onShelf, scienceDesk }, InTransit, "ada", 1},
		{"arrived", func(r *Return) { r.Custody, r.Loan, r.Named, r.Desk = transit, nil, travels, scienceDesk }, OnShelf, "ada", 1},
		{"not there yet", func(r *Return) { r.Custody, r.Loan, r.Named = transit, nil, travels }, InTransit, "ada", 0},
		{"its request was cancelled", func(r *Return) { r.Custody, r.Loan = transit, nil }, AtPlace, "", 0},
		{"not fetched in time", func(r *Return) { r.Custody, r.Loan, r.Named = old, nil, onShelf }, AtPlace, "", 1},
		{"not fetched in time, and the next waits", func(r *Return) {
			r.Custody, r.Loan, r.Named = old, nil, onShelf
			r.Next, r.Queue = &PatronRequest{"bob", hold("of bob", mainDesk)}, queueOf("bob")
		}, OnShelf, "bob", 2},
	} {
		r := returned(0)
		tt.change(&r)
		out, m := r.Do()
		if out.Custody.State != tt.want || out.Custody.UID != tt.of || out.Custody.Version != r.Custody.Version || len(m.Requests) != tt.requests {
			t.Errorf("%s: got %+v, %d requests change", tt.name, out.Custody, len(m.Requests))
		}
		if (out.For != nil) != (tt.of != "") || out.For != nil && (out.For.UID != tt.of || (out.For.Request.Status == OnHoldShelf) != (tt.want == OnShelf)) {
			t.Errorf("%s: for %+v", tt.name, out.For)
		}
		if len(m.Queues) > 0 && m.Queues[0].Place(out.For.Request.ID) != 0 {
			t.Errorf("%s: the request waits on", tt.name)
		}
	}
	again := Return{Item: emma, Custody: shelved("ada"), Named: onShelf, Desk: mainDesk, Rules: rules, Now: noon, Returned: noon}
	if _, m := again.Do(); !m.Empty() {
		t.Errorf("a second scan changes %+v", m)
	}
}

func TestRelease(t *testing.T) {
	named := &PatronRequest{"ada", hold("of ada", mainDesk)}
	named.Request.Status, named.Request.HeldItemID = OnHoldShelf, "23"
	ended := named.Request
	ended.End(noon, Code{Value: "CancelledAtPatronRequest"}, "")
	r := Return{Item: emma, Custody: shelved("ada"), Named: named, Rules: rules, Now: noon}
	m := r.Release(ended)
	if len(m.Requests) != 1 || m.Requests[0].After.Status != History || m.Custody[0].After.State != AtPlace {
		t.Errorf("nobody waits: got %+v", m)
	}
	r.Next, r.Queue = &PatronRequest{"bob", hold("of bob", mainDesk)}, queueOf("bob")
	if m = r.Release(ended); len(m.Requests) != 2 || m.Custody[0].After.UID != "bob" || m.Queues[0].Place("of bob") != 0 {
		t.Errorf("the next waits: got %+v", m)
	}
	r.Custody = Custody{ItemID: "23", Version: 4, State: InTransit, UID: "ada", RequestID: "of ada", To: mainDesk}
	if m = r.Release(ended); len(m.Requests) != 1 || m.Custody[0].After.RequestID != "" || m.Custody[0].After.To != mainDesk {
		t.Errorf("on its way: got %+v", m)
	}
}

func TestRenew(t *testing.T) {
	l, a := lent(0)
	renewal := Renewal{Borrower: thomas, Account: a, Loan: l, Rules: rules, By: "desk", Now: noon}
	after, m, err := renewal.Do()
	if err != nil || after.Renewals != 1 || after.Process != Renewed || !after.Due.After(l.Due) || len(m.Fees) != 0 {
		t.Fatalf("got %v %+v", err, after)
	}
	if got := m.Accounts[0].After; got.Loans != 1 || !slices.Equal(got.Dues, []int64{after.Due.Unix() / 60}) {
		t.Errorf("got %+v", got)
	}
	renewal.Loan, renewal.Account = lent(4)
	if _, m, err = renewal.Do(); err != nil || len(m.Fees) != 1 || m.Accounts[0].After.Balance != 60 {
		t.Errorf("overdue: got %v %+v", err, m)
	}
	renewal.Queue = queueOf("ada")
	if _, _, err = renewal.Do(); err == nil {
		t.Error("renewed though somebody waits")
	}
	renewal.Queue, renewal.Loan.Renewals, renewal.Override = Queue{}, 2, true
	if _, _, err = renewal.Do(); err == nil {
		t.Error("renewed a third time")
	}
}

func TestLostAndFound(t *testing.T) {
	l, a := lent(0)
	lost, m, err := LoanEdit{UID: "thomas", Loan: l, Account: a, By: "desk", Now: noon}.Lost()
	account := m.Accounts[0].After
	if err != nil || len(lost.LostFees) != 2 || account.Balance != 4500 || account.Loans != 1 || len(account.Dues) != 0 {
		t.Fatalf("got %v %+v %+v", err, lost, account)
	}
	fees := []Fee{m.Fees[0].After, m.Fees[1].After}
	back, m, err := LoanEdit{UID: "thomas", Loan: lost, Account: account, Fees: fees, By: "desk", Now: noon}.Found()
	if got := m.Accounts[0].After; err != nil || back.Process != Normal || got.Balance != 500 || got.Fees != 1 || len(got.Dues) != 1 {
		t.Errorf("found: got %v %+v %+v", err, back, got)
	}
	r := returned(0)
	r.Loan, r.Account, r.Fees = &lost, account, fees
	if _, m := r.Do(); m.Accounts[0].After.Balance != 500 || m.Accounts[0].After.Loans != 0 {
		t.Errorf("returned: got %+v", m.Accounts)
	}
}

func TestEdits(t *testing.T) {
	l, a := lent(0)
	edit := LoanEdit{UID: "thomas", Loan: l, Account: a, Rules: rules, By: "desk", Now: noon}
	if _, _, err := edit.Due(noon); !errors.Is(err, ErrDueInPast) {
		t.Errorf("got %v", err)
	}
	if _, _, err := edit.Found(); !errors.Is(err, ErrSameProcess) {
		t.Errorf("got %v", err)
	}
	edit.Loan.Due = noon.AddDate(0, 0, 30)
	if got, _, ok := edit.Recalled(Calendar{}); !ok || got.Process != Recalled || got.Due.Format(time.DateOnly) != "2026-11-28" {
		t.Errorf("got %t %+v", ok, got)
	}
	edit.Loan.Returned = noon
	if _, _, err := edit.Due(noon.Add(time.Hour)); !errors.Is(err, ErrReturned) {
		t.Errorf("got %v", err)
	}
}

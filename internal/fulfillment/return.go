package fulfillment

import "time"

// Return is an item that was scanned at a desk, brought back or not, with everything that decides what becomes of it as
// it was read.
type Return struct {
	Item    Item
	Custody Custody
	Loan    *Loan   // while the item is on loan; the patron is the custody's
	Account Account // of that patron
	Fees    []Fee   // that were charged when the item was declared lost
	Queue   Queue   // of the item's title
	// Named is the request the custody names, and Next the first in the queue for whom the item will do; nil for none.
	// Named is nil too when the request is no longer active.
	Named, Next *PatronRequest
	Desk        Desk
	Rules       Rules
	By          string    // the caller, as in patron.Change
	Now         time.Time // when it was scanned
	Returned    time.Time // when it was brought back: Now, or before when it lay in a book drop
}

// PatronRequest is a request and whose it is.
type PatronRequest struct {
	UID     string
	Request Request
}

// Outcome is what became of a returned item.
type Outcome struct {
	Loan    *Loan // that ended; nil when the item was not on loan
	Fine    *Fee  // that was charged for it; nil for none
	Custody Custody
	// For is the request the item waits or travels for now; nil for none.
	For *PatronRequest
}

// HoldExpired is why a request ends whose item nobody fetched in time.
var HoldExpired = Code{Value: "HoldShelfExpired", Desc: "Not fetched from the hold shelf in time"}

// The tasks of a request whose item was found.
const (
	taskOnShelf = "On Hold Shelf"
	taskTransit = "Transit Item"
)

// Do is what becomes of the item, and what changes with it. Nothing changes when it stays where it is.
func (r Return) Do() (Outcome, Movement) {
	var out Outcome
	var m Movement
	if r.Loan != nil {
		r.end(&out, &m)
	}
	r.settle(&out, &m)
	if out.Custody != r.Custody || !m.Empty() { // what becomes of the request depends on where the item is
		m.Custody = []CustodyChange{{Before: r.Custody, After: out.Custody}}
	}
	return out, m
}

// end is the end of the loan, with the fine, and without what was owed for the loss of an item that is there again.
func (r Return) end(out *Outcome, m *Movement) {
	uid, ended := r.Custody.UID, *r.Loan
	ended.Returned, ended.ReturnedAt, ended.ReturnedBy = r.Returned, r.Desk, r.By
	account := r.Account.Change(*r.Loan, ended)
	if fine, owed := r.Loan.fine(r.Returned, r.Rules.Calendar(r.Loan.Library.Value), r.Now, r.By); owed {
		out.Fine = &fine
		ended.Fined += fine.Original
		m.Fees = append(m.Fees, FeeChange{UID: uid, After: fine})
		account = account.Owe(Fee{}, fine)
	}
	for _, change := range found(uid, r.Fees, r.By, r.Now) {
		m.Fees = append(m.Fees, change)
		account = account.Owe(change.Before, change.After)
	}
	out.Loan = &ended
	m.Loans = []LoanChange{{UID: uid, Before: *r.Loan, After: ended}}
	m.Accounts = []AccountChange{{UID: uid, Before: r.Account, After: account}}
}

// settle decides where the item goes from the desk: it stays on the hold shelf or travels on, waits for the next who
// asked for it, or goes home.
func (r Return) settle(out *Outcome, m *Movement) {
	named := r.Named
	switch {
	case r.Custody.State == OnShelf && named != nil && !r.overstayed():
		r.forward(r.Custody.At, named, out, m)
	case r.Custody.State == InTransit && named != nil:
		r.forward(pickup(named.Request, r.Custody.To), named, out, m)
	default:
		if named != nil {
			m.expire(*named, r.Now)
		}
		if r.Next != nil {
			r.forward(pickup(r.Next.Request, r.Desk), r.Next, out, m)
			m.Queues = append(m.Queues, r.Queue.Without(r.Next.Request.ID))
			return
		}
		out.Custody = r.home()
	}
}

// Release is what becomes of the item the custody names, and what changes, when its request, which is Named, ended without
// a scan: on the hold shelf it is for the next who asked for it, or goes back to its place; on its way it travels on, and
// the next scan decides.
func (r Return) Release(ended Request) Movement {
	m := Movement{Requests: []RequestChange{{UID: r.Named.UID, Before: r.Named.Request, After: ended}}}
	out := Outcome{Custody: r.Custody}
	if r.Custody.State == OnShelf {
		r.Named, r.Desk = nil, r.Custody.At
		r.settle(&out, &m)
	} else {
		out.Custody.UID, out.Custody.RequestID = "", ""
	}
	m.Custody = []CustodyChange{{Before: r.Custody, After: out.Custody}}
	return m
}

// overstayed reports whether the item's last day on the hold shelf is over.
func (r Return) overstayed() bool {
	cal := r.Rules.Calendar(r.Custody.At.Library.Value)
	return r.Custody.Until < cal.Day(r.Now)
}

// forward brings the item to where it is to be fetched: it is there, or it travels.
func (r Return) forward(to Desk, p *PatronRequest, out *Outcome, m *Movement) {
	after := p.Request
	out.Custody = Custody{ItemID: r.Item.ID, Version: r.Custody.Version, UID: p.UID, RequestID: after.ID}
	if r.Desk.Is(to) {
		out.Custody.State, out.Custody.At, out.Custody.Until = OnShelf, to, r.until(to, p.Request)
		after.Status, after.Task, after.ExpiryDate = OnHoldShelf, taskOnShelf, out.Custody.Until
	} else {
		out.Custody.State, out.Custody.At, out.Custody.To = InTransit, r.Desk, to
		after.Status, after.Task, after.ExpiryDate = InProcess, taskTransit, ""
	}
	after.HeldItemID = r.Item.ID
	out.For = &PatronRequest{UID: p.UID, Request: after}
	if after.Status != p.Request.Status || after.ExpiryDate != p.Request.ExpiryDate || after.HeldItemID != p.Request.HeldItemID {
		m.Requests = append(m.Requests, RequestChange{UID: p.UID, Before: p.Request, After: after})
	}
}

// until is the item's last day on the shelf: as it was for one that is there already.
func (r Return) until(at Desk, req Request) string {
	if r.Custody.State == OnShelf && r.Custody.RequestID == req.ID {
		return r.Custody.Until
	}
	return r.Rules.Calendar(at.Library.Value).OpenDay(r.Now, r.Rules.ShelfDays(at.Library.Value))
}

// home is where an item goes that nobody waits for: to its place, or to its library.
func (r Return) home() Custody {
	own := Desk{Library: r.Item.Library}
	if r.Desk.Is(own) {
		return Custody{ItemID: r.Item.ID, Version: r.Custody.Version}
	}
	return Custody{ItemID: r.Item.ID, Version: r.Custody.Version, State: InTransit, At: r.Desk, To: own}
}

// pickup is the desk at which the request's item is fetched; where it names none, the one it was returned at.
func pickup(req Request, here Desk) Desk {
	if req.PickupLibrary.Value == "" {
		return here
	}
	return Desk{Library: req.PickupLibrary, Desk: req.PickupCirculationDesk}
}

// expire ends a request whose item was not fetched in time.
func (m *Movement) expire(p PatronRequest, now time.Time) {
	ended := p.Request
	ended.End(now, HoldExpired, "")
	m.Requests = append(m.Requests, RequestChange{UID: p.UID, Before: p.Request, After: ended})
}

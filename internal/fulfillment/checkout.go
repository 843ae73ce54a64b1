package fulfillment

import (
	"fmt"
	"slices"
	"time"
)

// Borrower is a patron as far as lending looks at one.
type Borrower struct {
	UID       string
	UserGroup string
	// Obstacles are those of the record itself, such as blocks and an expiry date that has passed.
	Obstacles []Obstacle
}

// CheckOut is an item that is to be lent at a desk, with everything that decides about it as it was read.
type CheckOut struct {
	Borrower Borrower
	Account  Account
	Item     Item
	Custody  Custody
	Queue    Queue // of the item's title
	// Request is the patron's own that the item waits for, or that waits for the item; nil for none.
	Request  *Request
	Desk     Desk
	Rules    Rules
	By       string // the caller, as in patron.Change
	Now      time.Time
	Override bool // what can be overridden
}

// Do is the new loan, and what changes with it. The error is an [*ObstaclesError].
func (c CheckOut) Do() (Loan, Movement, error) {
	overridden, err := weigh(c.obstacles(), c.Override, c.By, c.Now)
	if err != nil {
		return Loan{}, Movement{}, err
	}
	policy := c.policy()
	l := ofItem(c.Item)
	l.ID, l.Desk, l.Lent, l.LentBy = NewID(c.Now), c.Desk, c.Now, c.By
	l.Due = policy.Due(c.Now, c.Rules.Calendar(c.Item.Library.Value))
	l.Terms, l.Overrides = policy.terms(), overridden
	m := Movement{Stays: []string{c.Borrower.UID}}
	if c.Request != nil {
		l.RequestID = c.Request.ID
		m.Requests, m.Queues = c.fulfilled()
	}
	m.Loans = []LoanChange{{UID: c.Borrower.UID, After: l}}
	m.Accounts = []AccountChange{{UID: c.Borrower.UID, Before: c.Account, After: c.Account.Change(Loan{}, l)}}
	m.Custody = []CustodyChange{{Before: c.Custody, After: Custody{ItemID: c.Item.ID, State: OnLoan, UID: c.Borrower.UID, LoanID: l.ID}}}
	return l, m, nil
}

func (c CheckOut) policy() Policy {
	return c.Rules.Policy(c.Borrower.UserGroup, c.Item.ItemPolicy.Value, c.Item.Library.Value)
}

// fulfilled are the patron's request, which the loan fulfils, and the queue it leaves.
func (c CheckOut) fulfilled() ([]RequestChange, []Queue) {
	ended := *c.Request
	ended.End(c.Now, Code{}, "")
	changes := []RequestChange{{UID: c.Borrower.UID, Before: *c.Request, After: ended}}
	if c.Queue.Place(ended.ID) == 0 {
		return changes, nil
	}
	return changes, []Queue{c.Queue.Without(ended.ID)}
}

// obstacles is everything in the way of the loan, in the order in which staff look at it: item, requests, patron.
func (c CheckOut) obstacles() []Obstacle {
	all := c.ofItem()
	if o, held := c.ofCustody(); held {
		all = append(all, o)
	} else if first, waits := c.Queue.First(c.Item, c.Rules, c.Now); waits && first.UID != c.Borrower.UID && !c.waitsForPatron() {
		all = append(all, Obstacle{
			Kind: ItemRequested, Reason: RequestedBefore, Overridable: true,
			Words: "Another patron asked for the item, or for any copy of its title, before.",
		})
	}
	all = append(all, c.Borrower.Obstacles...)
	limits := c.Rules.Limits(c.Borrower.UserGroup)
	if limits.Loans > 0 && c.Account.Loans >= limits.Loans {
		all = append(all, Obstacle{
			Kind: LoanLimit, Reason: TooManyLoans, Facts: []any{c.Account.Loans, limits.Loans}, Overridable: true,
			Words: fmt.Sprintf("The patron has %d loans; the limit is %d.", c.Account.Loans, limits.Loans),
		})
	}
	return append(all, c.Account.obstacles(limits, c.Rules, c.Now)...)
}

// ofItem is what the item itself and its policy say.
func (c CheckOut) ofItem() []Obstacle {
	var all []Obstacle
	if !c.Item.Lendable() {
		all = append(all, c.Item.Status.obstacle())
	}
	if policy := c.policy(); policy.NotLoanable {
		all = append(all, Obstacle{
			Kind: NotLoanable, Reason: PolicyLendsNot, Facts: []any{policy.Name}, Overridable: true,
			Words: fmt.Sprintf("The policy %q lends no such item to the patron's group.", policy.Name),
		})
	}
	return all
}

// ofCustody is what is in the way because of where the item is.
func (c CheckOut) ofCustody() (o Obstacle, held bool) {
	switch {
	case c.Custody.State == OnLoan && c.Custody.UID == c.Borrower.UID:
		return Obstacle{Kind: ItemOnLoan, Reason: OnLoanToPatron, Words: "The item is on loan to this patron already; renew the loan instead."}, true
	case c.Custody.State == OnLoan:
		return Obstacle{Kind: ItemOnLoan, Reason: OnLoanToAnother, Words: "The item is on loan to another patron; return it first."}, true
	case c.Custody.RequestID == "" || c.Custody.UID == c.Borrower.UID:
		return Obstacle{}, false
	case c.Custody.State == OnShelf:
		return Obstacle{Kind: ItemHeld, Reason: HeldOnShelf, Words: "The item waits on the hold shelf for another patron."}, true
	}
	return Obstacle{Kind: ItemHeld, Reason: HeldOnItsWay, Words: "The item is on its way to the hold shelf for another patron."}, true
}

// waitsForPatron reports whether the item is on the hold shelf for the patron, or on its way there.
func (c CheckOut) waitsForPatron() bool {
	return c.Custody.RequestID != "" && c.Custody.UID == c.Borrower.UID
}

// obstacles are the limits the account is over, besides that of the number of loans.
func (a Account) obstacles(limits Limits, rules Rules, now time.Time) []Obstacle {
	var all []Obstacle
	if overdue := a.Overdue(now); limits.Overdue > 0 && overdue >= limits.Overdue {
		all = append(all, Obstacle{
			Kind: OverdueLimit, Reason: TooManyOverdue, Facts: []any{overdue, limits.Overdue}, Overridable: true,
			Words: fmt.Sprintf("The patron has %d overdue loans; with %d nothing more is lent.", overdue, limits.Overdue),
		})
	}
	if limits.Fees > 0 && a.Balance > limits.Fees {
		all = append(all, Obstacle{
			Kind: FeeLimit, Reason: OwesTooMuch, Facts: []any{a.Balance, limits.Fees}, Overridable: true,
			Words: fmt.Sprintf("The patron owes %s; the limit is %s.", rules.MoneyText(a.Balance), rules.MoneyText(limits.Fees)),
		})
	}
	return all
}

// weigh decides whether obstacles are in the way. Those that are overridden are returned as the loan keeps them.
func weigh(all []Obstacle, override bool, by string, at time.Time) ([]Override, error) {
	if len(all) == 0 {
		return nil, nil
	}
	if !override || slices.ContainsFunc(all, func(o Obstacle) bool { return !o.Overridable }) {
		return nil, &ObstaclesError{all}
	}
	var overridden []Override
	for _, o := range all {
		overridden = append(overridden, Override{Kind: o.Kind, Words: o.Words, By: by, At: at})
	}
	return overridden, nil
}

// terms are what a loan keeps of its policy.
func (p Policy) terms() Terms {
	return Terms{Policy: p.Name, Fine: p.Fine, Lost: p.Lost, Recall: p.Recall}
}

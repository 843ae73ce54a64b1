package demo

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// lender lends items, as the desk of the main library did before the day of now.
type lender struct {
	now   time.Time
	rules settings
	*shelves
	groups map[string]string // user group by primary id
	all    map[string]*Holding
	made   int // loans and fees, for their ids
	failed error
}

func newLender(now time.Time, s *shelves, patrons []patron.Patron, rules settings) *lender {
	l := &lender{now: now.UTC().Truncate(time.Hour), rules: rules, shelves: s, groups: map[string]string{}, all: map[string]*Holding{}}
	for _, p := range patrons {
		l.groups[p.PrimaryID] = p.UserGroup.Value
	}
	return l
}

// holdings are what was borrowed and is owed, in the order of primary ids.
func (l *lender) holdings() []Holding {
	var all []Holding
	for _, who := range slices.Sorted(maps.Keys(l.all)) {
		all = append(all, *l.all[who])
	}
	return all
}

// everyKind lends in time, late, renewed, lost and returned late, for a term and for hours, in all scripts. Thomas has
// nothing yet.
func (l *lender) everyKind() {
	l.lend("aisha.khan", "Leviathan", "", days(20))
	l.lend("aisha.khan", "On Liberty", "", days(110)) // overdue
	l.renew(l.lend(Maria, "Linear Algebra, Slowly", "", days(24)), days(3))
	l.lend("edith.penrose", "Persuasion", "", days(44)) // overdue, and no e-mail address
	l.lend("lotte.baumann", "Effi Briest", "", days(6)) // who wants no letters
	l.lend("clara.venn", "A Short History of the Index Card", "SHORT", time.Hour)
	l.lend("camille.noel", "Germinal", "", days(12))
	l.lend("camille.noel", "Night Mail", "WEEK", days(16)) // overdue
	l.lend("jurgen.muller", "Der Prozess", "", days(3))
	l.lend("li.xiaoming", "源氏物語", "", days(40)) // overdue
	l.lend("layla.mansour", "Преступление и наказание", "", days(9))
	l.returned("camille.noel", "Les Misérables", days(70), days(31))
	l.pay(l.returned("jurgen.muller", "Die Räuber", days(150), days(20)), 60)
	l.pay(l.returned("ivor.blake", "The Time Machine", days(60), days(25)), 0)
	l.lost("robin.fairweather", "Little Women", days(75), days(10))
	l.charge("petra.lang", "LIBRARYCARDREPLACEMENT", 500, "The card was washed.", days(90))
	l.charge("maximiliana.von-und-zu", fulfillment.FeeType("DAMAGEDITEMFINE"), 1250, "", days(12))
	l.dispute(l.charge("alexandra.stone", "LOCKERKEY", 1000, "", days(8)))
}

// crowd lends more items, a few of them too long ago.
func (l *lender) crowd(people []string, total int) {
	random := rand.New(rand.NewPCG(11, 28))
	for n := 0; n < total; n++ {
		who, title := people[random.IntN(len(people))], l.titles[random.IntN(len(l.titles))]
		ago := days(1 + random.IntN(26))
		if random.IntN(8) == 0 {
			ago += days(25)
		}
		if who == Thomas || who == Maria || l.storys[title] {
			continue
		}
		if it, ok := l.take(title); ok {
			l.lendItem(who, it, ago)
		}
	}
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// id is the id of the next loan or fee, which was made at that time.
func (l *lender) id(at time.Time) string {
	l.made++
	return fmt.Sprintf("%d%06d", at.UnixMilli(), l.made)
}

func (l *lender) of(who string) *Holding {
	if l.all[who] == nil {
		l.all[who] = &Holding{PrimaryID: who}
	}
	return l.all[who]
}

// lend lends a copy of the title that has the item policy, that long ago.
func (l *lender) lend(who, title, policy string, ago time.Duration) *fulfillment.Loan {
	it, ok := l.takeOf(title, policy)
	if !ok {
		l.failed = cmp.Or(l.failed, fmt.Errorf("make the demo library: no copy of %q is in its place", title))
	}
	return l.lendItem(who, it, ago)
}

func (l *lender) lendItem(who string, it fulfillment.Item, ago time.Duration) *fulfillment.Loan {
	at := l.now.Add(-ago)
	loan, _, err := fulfillment.CheckOut{
		Borrower: fulfillment.Borrower{UserGroup: l.groups[who]}, Item: it, Custody: fulfillment.Custody{ItemID: it.ID},
		Desk: mainDesk(), Rules: l.rules, By: Operator, Now: at,
	}.Do()
	if err != nil {
		l.failed = cmp.Or(l.failed, fmt.Errorf("make the demo library: lend %q: %w", it.Title, err))
	}
	loan.ID = l.id(at)
	h := l.of(who)
	h.Loans = append(h.Loans, loan)
	return &h.Loans[len(h.Loans)-1]
}

func mainDesk() fulfillment.Desk {
	return fulfillment.Desk{Library: fulfillment.Code{Value: "MAIN", Desc: "Main Library"},
		Desk: fulfillment.Code{Value: MainDesk, Desc: "Main Library - Circulation Desk"}}
}

// renew renews a loan, that long ago.
func (l *lender) renew(loan *fulfillment.Loan, ago time.Duration) {
	renewed, _, err := fulfillment.Renewal{Loan: *loan, Rules: l.rules, By: Operator, Now: l.now.Add(-ago)}.Do()
	if err != nil {
		l.failed = cmp.Or(l.failed, fmt.Errorf("make the demo library: renew %q: %w", loan.Title, err))
		return
	}
	*loan = renewed
}

// returned is the fine for a loan that was returned late; the item is in its place again.
func (l *lender) returned(who, title string, lent, back time.Duration) *fulfillment.Fee {
	loan, at := l.lend(who, title, "", lent), l.now.Add(-back)
	l.gone[loan.ItemID] = false
	loan.Returned, loan.ReturnedAt, loan.ReturnedBy = at, mainDesk(), Operator
	return l.owe(who, *loan, fulfillment.OverdueFine, loan.FineAt(at, l.rules.Calendar(loan.Library.Value)), at)
}

// lost lends an item and declares it lost, with the fees for that.
func (l *lender) lost(who, title string, lent, since time.Duration) {
	loan, at := l.lend(who, title, "", lent), l.now.Add(-since)
	loan.Process, loan.ProcessAt = fulfillment.Lost, at
	loan.LostFees = []string{
		l.owe(who, *loan, fulfillment.LostReplacement, loan.Terms.Lost.Replacement, at).ID,
		l.owe(who, *loan, fulfillment.LostProcessing, loan.Terms.Lost.Processing, at).ID,
	}
}

// owe charges a fee for a loan.
func (l *lender) owe(who string, loan fulfillment.Loan, kind fulfillment.FeeType, amount fulfillment.Money, at time.Time) *fulfillment.Fee {
	return l.keep(who, fulfillment.Fee{
		Type: kind, Original: amount, Owner: loan.Library, Title: loan.Title, Barcode: loan.Barcode, ItemID: loan.ItemID, LoanID: loan.ID,
	}, at)
}

// charge charges a fee that has nothing to do with a loan.
func (l *lender) charge(who string, kind fulfillment.FeeType, amount fulfillment.Money, comment string, ago time.Duration) *fulfillment.Fee {
	return l.keep(who, fulfillment.Fee{Type: kind, Original: amount, Comment: comment, Owner: mainDesk().Library}, l.now.Add(-ago))
}

func (l *lender) keep(who string, f fulfillment.Fee, at time.Time) *fulfillment.Fee {
	charged, err := f.Charge(at, Operator)
	if err != nil {
		l.failed = cmp.Or(l.failed, fmt.Errorf("make the demo library: charge %s: %w", who, err))
	}
	charged.ID = l.id(at)
	h := l.of(who)
	h.Fees = append(h.Fees, charged)
	return &h.Fees[len(h.Fees)-1]
}

// pay pays so much of a fee a day after it was charged, or with 0 all of it.
func (l *lender) pay(f *fulfillment.Fee, amount fulfillment.Money) {
	paid, err := f.Pay(fulfillment.Transaction{
		Amount: cmp.Or(amount, f.Balance()), Method: "CASH", By: Operator, At: f.Created.Add(days(1)),
	})
	l.failed = cmp.Or(l.failed, err)
	*f = paid
}

// dispute puts a fee in dispute a day after it was charged.
func (l *lender) dispute(f *fulfillment.Fee) {
	disputed, err := f.Dispute(fulfillment.Transaction{Comment: "Says the key was handed in.", By: Operator, At: f.Created.Add(days(1))})
	l.failed = cmp.Or(l.failed, err)
	*f = disputed
}

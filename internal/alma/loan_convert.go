package alma

import (
	"strings"
	"time"

	"patrondesk/internal/fulfillment"
)

// The states of a loan.
const (
	loanActive   LoanStatus = "ACTIVE"
	loanComplete LoanStatus = "COMPLETE"
)

// renewedStatus is what Alma shows of a loan that was renewed. The semicolon ends each code of what may be several.
var renewedStatus = Code{"401193;", "Renewed Successfully"}

// LoanFacts are what a loan is shown with that is not in it.
type LoanFacts struct {
	PrimaryID string            // of the patron
	Fine      fulfillment.Money // owed if the item were returned now
	Places    int               // of the institution's currency, after the point
	// Renewable is whether the loan could be renewed now, and RenewalsLeft how often its policy still allows it; nil when
	// nobody asked.
	Renewable    *bool
	RenewalsLeft *int
	// Staff says that the caller sees who took the item back, and what was overridden by whom. A patron does not.
	Staff bool
}

// NewLoan shows a loan, active or past. Descriptions are in the institution's language.
func NewLoan(l fulfillment.Loan, facts LoanFacts, d Describer) ItemLoan {
	w := writer{d: d}
	policy := w.itemCode("ItemPolicy", l.ItemPolicy)
	out := ItemLoan{
		LoanID: l.ID, CircDesk: NullCode(l.Desk.Desk), Library: w.itemCode("Libraries", l.Library),
		UserID: facts.PrimaryID, ItemBarcode: l.Barcode, DueDate: Timestamp(timestamp(l.Due)), Status: loanActive,
		LoanDate: Timestamp(timestamp(l.Lent)), ProcessStatus: string(l.Process),
		MMSID: l.MMSID, HoldingID: l.HoldingID, ItemID: l.ItemID, Title: l.Title, Author: l.Author,
		Description: NullText(l.Description), PublicationYear: l.DateOfPublication,
		Location:   LoanLocation{l.Location.Value, l.Location.Desc},
		ItemPolicy: LoanItemPolicy{NullText(policy.Value), NullText(policy.Desc)},
		CallNumber: l.CallNumber, Renewable: facts.Renewable, Renewals: l.Renewals, RenewalsLeft: facts.RenewalsLeft,
		Lost: l.Terms.Lost,
	}
	if facts.Fine > 0 {
		out.Fine = NewAmount(facts.Fine, facts.Places)
	}
	if l.RequestID != "" {
		out.RequestID = &LoanReference{l.RequestID}
	}
	if facts.Staff {
		out.Overrides = each(l.Overrides, newLoanOverride)
	}
	out.addRenewal(l)
	out.addReturn(l, facts.Staff)
	return out
}

func (l *ItemLoan) addRenewal(f fulfillment.Loan) {
	if f.Renewed.IsZero() {
		return
	}
	renewed := renewedStatus
	l.LastRenewDate, l.LastRenewStatus = Timestamp(timestamp(f.Renewed)), &renewed
}

// NotRenewed is the loan in the answer of a call that renews several, when this one was not renewed: its last_renew_status
// says why.
func (l ItemLoan) NotRenewed(o *fulfillment.ObstaclesError) ItemLoan {
	reasons := each(o.Obstacles, func(o fulfillment.Obstacle) string { return o.Words })
	l.LastRenewStatus, l.Obstacles = &Code{"401822;", strings.Join(reasons, " ")}, o.Obstacles
	return l
}

func (l *ItemLoan) addReturn(f fulfillment.Loan, staff bool) {
	if f.Active() {
		return
	}
	l.Status, l.ReturnDate = loanComplete, Timestamp(timestamp(f.Returned))
	if f.ReturnedAt.Desk.Value != "" {
		desk := Code(f.ReturnedAt.Desk)
		l.ReturnCircDesk = &desk
	}
	if staff && f.ReturnedBy != "" {
		l.ReturnedBy = &LoanReference{f.ReturnedBy}
	}
}

func newLoanOverride(o fulfillment.Override) LoanOverride {
	return LoanOverride{Kind: string(o.Kind), Words: o.Words, By: o.By, At: timestamp(o.At)}
}

// Desk is the desk a check-out is made at, its codes alone. Without a library or a desk the error is Alma's 401664; whether
// there is such a desk is for the caller to find out.
func (l ItemLoan) Desk() (fulfillment.Desk, error) {
	switch {
	case l.Library.Value == "":
		return fulfillment.Desk{}, MandatoryFieldMissing("library")
	case l.CircDesk.Value == "":
		return fulfillment.Desk{}, MandatoryFieldMissing("circ_desk")
	}
	return fulfillment.Desk{
		Library: fulfillment.Code{Value: l.Library.Value},
		Desk:    fulfillment.Code{Value: l.CircDesk.Value},
	}, nil
}

// Due is when the loan shall be due, to the millisecond and in UTC. With dayOnly only the day was given: due is then its
// first moment in UTC, and what is meant is the end of that day in the library's time zone. Without a due date the error
// is Alma's 401824, and with one that does not exist 401864.
func (l ItemLoan) Due() (due time.Time, dayOnly bool, err error) {
	text := strings.TrimSpace(string(l.DueDate))
	if text == "" {
		return time.Time{}, false, DueDateMissing()
	}
	var rd reader
	due = rd.time("due_date", text)
	return due, rd.err == nil && !strings.Contains(text, "T"), rd.err
}

package letter

import (
	"time"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

// Activity is what a patron has borrowed and owes, in any order. Loans that are over and fees that are closed are left
// out of the letter.
type Activity struct {
	Loans []LoanLine
	Fees  []fulfillment.Fee
}

// LoanLine is a loan with the fine that would be owed if its item were returned now.
type LoanLine struct {
	Loan fulfillment.Loan
	Fine fulfillment.Money
}

// ActivityOf is a patron's loans and fees as a letter written at now tells them.
func ActivityOf(loans []fulfillment.Loan, fees []fulfillment.Fee, inst *institution.Institution, now time.Time) Activity {
	lines := make([]LoanLine, len(loans))
	for i, l := range loans {
		lines[i] = LoanLine{Loan: l, Fine: l.FineAt(now, inst.Calendar(l.Library.Value))}
	}
	return Activity{Loans: lines, Fees: fees}
}

// BorrowingActivity is the Borrowing Activity Letter: the overdue loans, the other loans, and the fees, each by library
// in the order of the libraries' names, and loans in the order in which they are due. Where a mail has not room for all
// loans, those that are due later are counted and not listed. It returns [ErrNothingToReport] when there are neither
// loans nor fees.
func BorrowingActivity(p patron.Patron, a Activity, inst *institution.Institution, now time.Time) (Message, error) {
	w := newWriter(BorrowingActivityCode, p, inst)
	overdue, loans := loanLists(a.Loans, now)
	fees := w.fees(a.Fees)
	if len(overdue.lines)+len(loans.lines)+len(fees.Facts) == 0 {
		return Message{}, ErrNothingToReport
	}
	letter := w.page(p, now)
	if len(overdue.lines) > 0 {
		letter.Subject = clean(w.get("subject_with_overdue"), longestField)
	}
	letter.Paragraphs = []string{w.get("reminder_message")}
	return fitting(len(overdue.lines)+len(loans.lines), func(shown int) page {
		fit := letter
		fit.Sections = w.loanSections(overdue, min(shown, len(overdue.lines)))
		fit.Sections = append(fit.Sections, w.loanSections(loans, max(shown-len(overdue.lines), 0))...)
		if len(fees.Facts) > 0 {
			fit.Sections = append(fit.Sections, fees)
		}
		return fit
	})
}

// The most loans a letter lists, and the most bytes of HTML it has for that. Gmail cuts a mail at 102 KB, and few would
// read what is below the cut: the fees, and whom to ask.
const (
	mostLoans   = 100
	longestHTML = 96_000
)

// fitting is the letter with its first loans, of so many: about as many as there is room for.
func fitting(loans int, with func(shown int) page) (Message, error) {
	for shown := min(loans, mostLoans); ; {
		m, err := with(shown).message()
		if err != nil || len(m.HTML) <= longestHTML || shown == 0 {
			return m, err
		}
		shown = min(shown-1, shown*longestHTML/len(m.HTML))
	}
}

// loanList is the loans of one part of the letter, those first that are due first.
type loanList struct {
	label string
	lines []LoanLine
	fined int               // how many have a fine
	fines fulfillment.Money // of all of them
}

// loanLists are the loans that are overdue and those that are not. Lost items, and those said to be returned, are not
// overdue.
func loanLists(all []LoanLine, now time.Time) (overdue, loans loanList) {
	var late, other []LoanLine
	for _, line := range all {
		switch {
		case line.Loan.OverdueAt(now):
			late = append(late, line)
		case line.Loan.Active():
			other = append(other, line)
		}
	}
	return newLoanList("overdue_loans", late), newLoanList("loans", other)
}

func newLoanList(label string, lines []LoanLine) loanList {
	inOrderOfDue(lines)
	list := loanList{label: label, lines: lines}
	for _, line := range lines {
		if line.Fine > 0 {
			list.fined++
			list.fines += line.Fine
		}
	}
	return list
}

// loanSections are a heading with the number of loans, and under it a table for each library with the first loans of
// the list. What is not shown is counted at the end.
func (w writer) loanSections(list loanList, shown int) []section {
	count := len(list.lines)
	if count == 0 {
		return nil
	}
	head := section{Heading: w.get(list.label) + " (" + w.Number(count) + ")", Description: w.get(list.label + "_description")}
	if list.fined > 0 {
		head.Description += " " + w.get("fine_description")
	}
	sections := []section{head}
	for _, library := range byLibrary(w, list.lines[:shown], func(line LoanLine) fulfillment.Code { return line.Loan.Library }) {
		sections = append(sections, w.loanTable(library))
	}
	last := &sections[len(sections)-1]
	if shown < count {
		last.Notes = append(last.Notes, w.with("not_listed", "count", w.Number(count-shown)))
	}
	if list.fined > 1 {
		last.Notes = append(last.Notes, w.with("total_fine", "amount", w.amount(list.fines)))
	}
	return sections
}

// loanWidths are those of a loan's cells.
var loanWidths = [...]int{34, 21, 25, 20}

func (w writer) loanTable(library ofLibrary[LoanLine]) section {
	made := section{Heading: library.Name, Under: true}
	for _, line := range library.Records {
		made.Rows = append(made.Rows, w.loanRow(line))
	}
	for i, c := range made.Rows[0] {
		made.Columns = append(made.Columns, column{Label: c.Label, Width: loanWidths[i]})
	}
	return made
}

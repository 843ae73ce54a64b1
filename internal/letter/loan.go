package letter

import (
	"cmp"
	"slices"
	"strings"

	"patrondesk/internal/fulfillment"
)

// loanRow is the facts the letter tells of a loan.
func (w writer) loanRow(line LoanLine) []cell {
	l := line.Loan
	return []cell{
		{
			Label: w.get("title"), Strong: true,
			Text: clean(l.Title, longestField), Detail: clean(l.Description, longestField),
		},
		{Label: w.get("author"), Text: clean(l.Author, longestField)},
		w.due(l),
		w.fine(line.Fine),
	}
}

// due is when a loan is due, on the clocks of its library. With it stands what became of the item, if anything.
func (w writer) due(l fulfillment.Loan) cell {
	text := w.In(w.inst.Calendar(l.Library.Value).Zone).Deadline(l.Due)
	c := cell{Label: w.get("due_date"), Text: text}
	if status, ok := w.find("process." + string(l.Process)); ok {
		c.Detail = "(" + status + ")"
	}
	return c
}

func (w writer) fine(m fulfillment.Money) cell {
	c := cell{Label: w.get("fine")}
	if m > 0 {
		c.Text = w.amount(m)
	}
	return c
}

// inOrderOfDue sorts loans by due date, then by title.
func inOrderOfDue(lines []LoanLine) {
	slices.SortFunc(lines, func(a, b LoanLine) int {
		if order := a.Loan.Due.Compare(b.Loan.Due); order != 0 {
			return order
		}
		return cmp.Or(strings.Compare(folded(a.Loan.Title), folded(b.Loan.Title)), strings.Compare(a.Loan.ID, b.Loan.ID))
	})
}

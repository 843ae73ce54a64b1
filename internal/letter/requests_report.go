package letter

import (
	"time"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

// RequestsReport is the Requests Report Letter: the patron's active requests in up to three sections, those not
// started, those in process and those on the hold shelf, each in the order given. Requests in another state are left
// out. It returns [ErrNothingToReport] when none is left.
func RequestsReport(p patron.Patron, active []Line, inst *institution.Institution, now time.Time) (Message, error) {
	w := newWriter(RequestsReportCode, p, inst)
	letter := w.page(p, now)
	letter.Paragraphs = []string{w.get("please_find_below")}
	for _, s := range reportSections {
		if section := w.section(s, active); len(section.Rows) > 0 {
			letter.Sections = append(letter.Sections, section)
		}
	}
	if len(letter.Sections) == 0 {
		return Message{}, ErrNothingToReport
	}
	return letter.message()
}

// reportSection says which requests a section lists, by what label, and whether its fourth column is the place in
// the queue rather than the status.
type reportSection struct {
	label  string
	status fulfillment.RequestStatus
	queued bool
}

// reportSections are the sections of FulRequestsReportLetter.xsl, in its order.
var reportSections = [...]reportSection{
	{label: "not_active", status: fulfillment.NotStarted, queued: true},
	{label: "in_process", status: fulfillment.InProcess},
	{label: "on_hold_shelf", status: fulfillment.OnHoldShelf},
}

// columnWidths are those of a row's cells.
var columnWidths = [...]int{17, 25, 20, 18, 20}

func (w writer) section(s reportSection, active []Line) section {
	made := section{Heading: w.get(s.label), Description: w.get(s.label + "_description")}
	for _, line := range active {
		if line.Request.Status == s.status {
			made.Rows = append(made.Rows, w.row(line, s.queued))
		}
	}
	if len(made.Rows) > 0 {
		for i, c := range made.Rows[0] {
			made.Columns = append(made.Columns, column{Label: c.Label, Width: columnWidths[i]})
		}
	}
	return made
}

func (w writer) row(line Line, queued bool) []cell {
	r := line.Request
	fourth := w.status(r)
	if queued {
		fourth = w.place(line.Place)
	}
	return []cell{w.kind(r), w.titleOf(r), w.author(r), fourth, w.pickup(r)}
}

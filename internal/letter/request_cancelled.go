package letter

import (
	"time"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

// RequestCancelled is the letter about a cancelled request. The reason is described in the letter's language when the
// request's EndReason is a code of the institution's RequestCancellationReasons; otherwise it is reasonDesc. Both it
// and the note may be empty.
func RequestCancelled(p patron.Patron, r fulfillment.Request, reasonDesc, note string,
	inst *institution.Institution, now time.Time) (Message, error) {
	w := newWriter(RequestCancelledCode, p, inst)
	letter := w.page(p, now)
	letter.Paragraphs = []string{w.with("we_cancel_y_req_of", "date", w.Day(r.Requested))}
	letter.Sections = []section{{
		Heading: w.get("detailed_below"),
		Facts:   stated(w.titleOf(r), w.author(r), w.kind(r), w.pickup(r), w.reason(r, reasonDesc), w.note(note)),
	}}
	letter.Closing = []string{w.get("please_contact")}
	return letter.message()
}

func (w writer) reason(r fulfillment.Request, written string) cell {
	text := written
	if r.EndReason.Value != "" {
		if desc, ok := w.inst.Describe("RequestCancellationReasons", r.EndReason.Value, w.lang); ok && desc != "" {
			text = desc
		}
	}
	return cell{Label: w.get("reason_deleting_request"), Text: clean(text, longestField)}
}

func (w writer) note(text string) cell {
	return cell{Label: w.get("request_cancellation_note"), Text: clean(text, longestNote)}
}

// stated are the facts that are known.
func stated(facts ...cell) []cell {
	var known []cell
	for _, f := range facts {
		if f.Text != "" {
			known = append(known, f)
		}
	}
	return known
}

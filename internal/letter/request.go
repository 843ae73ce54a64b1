package letter

import (
	"strings"

	"patrondesk/internal/fulfillment"
)

// kind, titleOf, author and pickup are the facts both letters tell of a request.

func (w writer) kind(r fulfillment.Request) cell {
	return cell{Label: w.get("type"), Text: clean(w.kindText(r), longestField)}
}

// kindText is the display text of the most particular code that has one: the sub type's, then the type's, in the
// letter's labels before the institution's tables.
func (w writer) kindText(r fulfillment.Request) string {
	codes := []struct{ table, code string }{
		{"RequestSubTypes", r.SubType.Value},
		{"RequestTypes", string(r.Type)},
	}
	for _, c := range codes {
		if c.code == "" {
			continue
		}
		if text, ok := w.find("type." + c.code); ok {
			return text
		}
		if text, ok := w.inst.Describe(c.table, c.code, w.lang); ok && text != "" {
			return text
		}
	}
	if r.SubType.Desc != "" {
		return r.SubType.Desc
	}
	return w.get("type.OTHER")
}

func (w writer) titleOf(r fulfillment.Request) cell {
	detail := r.Description
	if detail == "" {
		detail = r.ManualDescription
	}
	return cell{
		Label: w.get("title"), Strong: true,
		Text: clean(r.Title, longestField), Detail: clean(detail, longestField),
	}
}

func (w writer) author(r fulfillment.Request) cell {
	return cell{Label: w.get("author"), Text: clean(r.Author, longestField)}
}

func (w writer) place(n int) cell {
	return cell{Label: w.get("place_in_queue"), Text: place(n)}
}

func (w writer) status(r fulfillment.Request) cell {
	return cell{Label: w.get("status"), Text: clean(w.statusText(r), longestField)}
}

// statusText is, on the hold shelf, until when the item waits there; otherwise the step the request is in.
func (w writer) statusText(r fulfillment.Request) string {
	switch {
	case r.Status == fulfillment.OnHoldShelf && r.ExpiryDate != "":
		return w.with("held_until", "date", w.DayOf(clean(r.ExpiryDate, longestField)))
	case r.Status != fulfillment.OnHoldShelf && r.Task != "":
		return w.task(r.Task)
	}
	if text, ok := w.find("status." + string(r.Status)); ok {
		return text
	}
	return w.describe("RequestStatuses", string(r.Status), "")
}

// task is the display text of a step, which may be given as its code or in Alma's English words.
func (w writer) task(task string) string {
	code := strings.ToUpper(strings.Join(strings.Fields(task), "_"))
	if text, ok := w.find("task." + code); ok {
		return text
	}
	return w.describe("RequestTasks", task, "")
}

func (w writer) pickup(r fulfillment.Request) cell {
	return cell{Label: w.get("pickup_location"), Text: clean(w.pickupText(r), longestField)}
}

// pickupText is where the item will be, as Alma's pickup_location_display has it: "Main Library - Front Desk".
func (w writer) pickupText(r fulfillment.Request) string {
	if text, ok := w.find("pickup." + r.PickupType); ok {
		return text
	}
	if r.PickupType == "INSTITUTION" {
		if r.PickupInstitution == w.inst.Code {
			return w.inst.Name
		}
		return r.PickupInstitution
	}
	library, desk := w.library(r.PickupLibrary), w.desk(r)
	if library == "" || desk == "" {
		return library + desk
	}
	return library + " - " + desk
}

func (w writer) library(code fulfillment.Code) string {
	if l, ok := w.inst.Library(code.Value); ok && l.Name != "" {
		return l.Name
	}
	return w.describe("Libraries", code.Value, code.Desc)
}

func (w writer) desk(r fulfillment.Request) string {
	code := r.PickupCirculationDesk
	if l, ok := w.inst.Library(r.PickupLibrary.Value); ok {
		if d, ok := l.Desk(code.Value); ok && d.Name != "" {
			return d.Name
		}
	}
	if code.Desc != "" {
		return code.Desc
	}
	return code.Value
}

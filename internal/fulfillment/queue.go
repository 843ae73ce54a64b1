package fulfillment

import (
	"slices"
	"time"
)

// Queue is the order in which the requests of one title that are not started wait, first come first.
type Queue struct {
	MMSID   string
	Waiting []Waiting
	Version int64
}

// Waiting is a request in a queue: whose it is, and what of the title it asks for.
type Waiting struct {
	ID           string      `json:"id"` // of the request
	UID          string      `json:"uid"`
	Type         RequestType `json:"type"`
	UserGroup    string      `json:"user_group,omitempty"`
	ItemID       string      `json:"item_id,omitempty"` // empty for any copy
	Description  string      `json:"description,omitempty"`
	MaterialType string      `json:"material_type,omitempty"`
	Until        string      `json:"until,omitempty"` // YYYY-MM-DD, the last day of interest
}

// NewWaiting is the entry of a patron's request in its title's queue.
func NewWaiting(uid, userGroup string, r Request) Waiting {
	return Waiting{
		ID: r.ID, UID: uid, UserGroup: userGroup, Type: r.Type, ItemID: r.ItemID, Description: r.Description,
		MaterialType: r.MaterialType.Value, Until: r.LastInterestDate,
	}
}

// Place is the position of a request in the queue from 1, or 0 when it does not wait there.
func (q Queue) Place(requestID string) int {
	return 1 + slices.IndexFunc(q.Waiting, func(w Waiting) bool { return w.ID == requestID })
}

// With is the queue with a request at its end.
func (q Queue) With(w Waiting) Queue {
	q.Waiting = append(slices.Clone(q.Waiting), w)
	return q
}

// Without is the queue without a request.
func (q Queue) Without(requestID string) Queue {
	q.Waiting = slices.DeleteFunc(slices.Clone(q.Waiting), func(w Waiting) bool { return w.ID == requestID })
	return q
}

// Until is the queue in which a request has another last day of interest.
func (q Queue) Until(requestID, day string) Queue {
	q.Waiting = slices.Clone(q.Waiting)
	for i := range q.Waiting {
		if q.Waiting[i].ID == requestID {
			q.Waiting[i].Until = day
		}
	}
	return q
}

// First is the first in the queue for whom the item will do at now; ok is false when nobody waits for it. Only holds wait
// for an item itself. Without rules every item is lent to everybody.
func (q Queue) First(it Item, rules Rules, now time.Time) (w Waiting, ok bool) {
	return q.find(func(w Waiting) bool { return w.takes(it, rules, now) })
}

// Other is the first besides the patron for whom the item will do at now.
func (q Queue) Other(uid string, it Item, rules Rules, now time.Time) (w Waiting, ok bool) {
	return q.find(func(w Waiting) bool { return w.UID != uid && w.takes(it, rules, now) })
}

// Of is the first entry of a patron that asks for the item, or for any copy like it.
func (q Queue) Of(uid string, it Item) (w Waiting, ok bool) {
	return q.find(func(w Waiting) bool { return w.UID == uid && w.AsksFor(it) })
}

func (q Queue) find(is func(Waiting) bool) (w Waiting, ok bool) {
	if i := slices.IndexFunc(q.Waiting, is); i >= 0 {
		return q.Waiting[i], true
	}
	return Waiting{}, false
}

// AsksFor reports whether the item is the one the request is for, or one of the copies it is for.
func (w Waiting) AsksFor(it Item) bool {
	if w.Type != Hold || w.ItemID != "" {
		return w.Type == Hold && w.ItemID == it.ID
	}
	return (w.Description == "" || w.Description == it.Description) && (w.MaterialType == "" || w.MaterialType == it.MaterialType.Value)
}

// takes reports whether the item will do: it is asked for, for not too long, and is lent to the patron.
func (w Waiting) takes(it Item, rules Rules, now time.Time) bool {
	if !w.AsksFor(it) || rules == nil {
		return w.AsksFor(it)
	}
	lapsed := w.Until != "" && w.Until < rules.Calendar(it.Library.Value).Day(now)
	return !lapsed && !rules.Policy(w.UserGroup, it.ItemPolicy.Value, it.Library.Value).NotLoanable
}

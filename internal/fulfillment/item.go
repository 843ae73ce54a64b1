// Package fulfillment is the domain of what patrons borrow and ask for: items, requests and loans, and their rules.
// It has no wire format and no storage; the json names of its types are the stored form.
package fulfillment

// Code is a value of a code table with its description.
type Code struct {
	Value string `json:"value"`
	Desc  string `json:"desc,omitempty"`
}

// Item is one physical item of the library, as its catalogue exported it. Barcode and ID are unique.
type Item struct {
	ID                string `json:"id"` // Alma's item_pid
	Barcode           string `json:"barcode"`
	HoldingID         string `json:"holding_id,omitempty"`
	MMSID             string `json:"mms_id"` // the title
	Title             string `json:"title"`
	Author            string `json:"author,omitempty"`
	Description       string `json:"description,omitempty"` // of the volume
	DateOfPublication string `json:"date_of_publication,omitempty"`
	Volume            string `json:"volume,omitempty"`
	Issue             string `json:"issue,omitempty"`
	Part              string `json:"part,omitempty"`
	Library           Code   `json:"library"`
	Location          Code   `json:"location,omitzero"`
	CallNumber        string `json:"call_number,omitempty"`
	MaterialType      Code   `json:"material_type,omitzero"`
	ItemPolicy        Code   `json:"item_policy,omitzero"`

	Status ItemStatus `json:"status,omitempty"`
}

// ItemStatus says why an item is not in its place, as far as the catalogue knows: that an item is on loan, on a hold
// shelf or in transit is told by its [Custody]. The codes are Alma's process types; an item in its place has none, and
// with it Alma's base status 1 instead of 0.
type ItemStatus string

// The statuses of an item.
const (
	ItemInPlace    ItemStatus = ""
	ItemNotInPlace ItemStatus = "TECHNICAL" // for a reason that nobody told
	ItemMissing    ItemStatus = "MISSING"
	ItemLost       ItemStatus = "LOST_LOAN"
	ItemInProcess  ItemStatus = "WORK_ORDER_DEPARTMENT" // is being bound, repaired or digitised
	ItemOnOrder    ItemStatus = "ACQ"
)

// Lendable reports whether the item's status lets it be lent.
func (it Item) Lendable() bool { return it.Status == ItemInPlace }

// obstacle says why an item of the status is not lent. It is for all but the one of an item in its place.
func (s ItemStatus) obstacle() Obstacle {
	o := Obstacle{Kind: NotLoanable, Overridable: true}
	switch s {
	case ItemMissing:
		o.Reason, o.Words = CatalogueMissing, "The catalogue says that the item is missing."
	case ItemLost:
		o.Reason, o.Words = CatalogueLost, "The catalogue says that the item is lost."
	case ItemInProcess:
		o.Reason, o.Words = CatalogueInProcess, "The catalogue says that the item is in process, such as binding or repair."
	case ItemOnOrder:
		o.Reason, o.Words = CatalogueOnOrder, "The catalogue says that the item is on order."
	default:
		o.Reason, o.Words = CatalogueNotInPlace, "The catalogue says that the item is not in its place."
	}
	return o
}

// PossibleKey reports whether an item id, barcode or title id is short enough to be one. The store's keys allow little
// more, and no catalogue comes near it.
func PossibleKey(value string) bool { return len(value) <= 1000 }

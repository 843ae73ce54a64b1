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
}

// PossibleKey reports whether an item id, barcode or title id is short enough to be one. The store's keys allow little
// more, and no catalogue comes near it.
func PossibleKey(value string) bool { return len(value) <= 1000 }

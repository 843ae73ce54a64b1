package session

import (
	"slices"
	"time"
)

// mostReturned is how many returned items a session remembers.
const mostReturned = 30

// Returned is an item that was scanned to return it, and where it goes now: whoever scans a pile reads that of each when
// the pile is done.
type Returned struct {
	At      time.Time `json:"at"` // by the library's clock, when it was scanned
	Title   string    `json:"title"`
	Barcode string    `json:"barcode"`

	Place string `json:"place"` // HOLD_SHELF or IN_TRANSIT; empty for its own place
	// Library and Desk are the names of where it goes: of the hold shelf, of the library it travels to, or of its own. Location
	// is that of its own place.
	Library  string `json:"library"`
	Desk     string `json:"desk,omitempty"`
	Location string `json:"location,omitempty"`
	Asked    bool   `json:"asked,omitempty"` // somebody waits for it
	Until    string `json:"until,omitempty"` // YYYY-MM-DD, its last day on the hold shelf

	// Borrower is the primary id of whose loan ended, and Name their name; empty when it was not on loan.
	Borrower string `json:"borrower,omitempty"`
	Name     string `json:"name,omitempty"`
	Lent     bool   `json:"lent,omitempty"` // it was on loan
	Lost     bool   `json:"lost,omitempty"` // its loss had been charged
	Fine     string `json:"fine,omitempty"` // that was charged, a decimal number
}

// Return remembers a returned item.
func (s *Session) Return(r Returned) {
	s.Returned = slices.Insert(slices.Clone(s.Returned), 0, r)
	s.Returned = s.Returned[:min(len(s.Returned), mostReturned)]
}

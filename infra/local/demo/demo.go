// Package demo is the demo library: about two hundred invented patrons of every kind, a shelf of books and who asked
// for them. It is the same every time but for the days, which follow the day it is made on.
package demo

import (
	"math/rand/v2"
	"time"

	"github.com/oklog/ulid/v2"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// What the README's story needs to know by heart.
const (
	// Thomas is the primary id of the internal patron of the story.
	Thomas        = "thomas.reed"
	ThomasBarcode = "2100000017"
	// ThomasPassword is what POST /users/thomas.reed?op=auth takes.
	ThomasPassword = "Lantern-Quay-27"
	// Maria is the primary id of the external patron of the story, who moves house in registrar.xml.
	Maria        = "maria.lindqvist"
	MariaBarcode = "2100000025"
	// Operator is the primary id of a circulation desk operator of the main library.
	Operator = "circ.operator"
	// Profile is the SIS profile of the external patrons.
	Profile = "REGISTRAR"
	// Almanac and Rooms are the barcodes of two items nobody asked for, which Thomas borrows, and Middlemarch that of one
	// for which somebody waits before him.
	Almanac     = "3110501496"
	Rooms       = "3110501513"
	Middlemarch = "3110500017"
	// MainDesk is the circulation desk of the library MAIN, at which it all happens.
	MainDesk = "DEFAULT_CIRC_DESK"
)

// Library is the demo library.
type Library struct {
	Patrons  []patron.Patron
	Items    []fulfillment.Item
	Requests []Placement // of one title in the order they were placed
	Holdings []Holding
}

// Placement is a request and who placed it. Custody is where the item is that was found for it; it is the zero value
// while none was.
type Placement struct {
	PrimaryID string
	Request   fulfillment.Request
	Custody   fulfillment.Custody
}

// Holding is what one patron has borrowed and owes, and had borrowed once.
type Holding struct {
	PrimaryID string
	Loans     []fulfillment.Loan
	Fees      []fulfillment.Fee
}

// settings are the institution's: descriptions of codes, and the rules of lending.
type settings interface {
	describer
	fulfillment.Rules
}

// New makes the demo library as it is on the day of now, by the settings of the institution.
func New(now time.Time, inst settings) (Library, error) {
	items, err := readItems()
	if err != nil {
		return Library{}, err
	}
	patrons := people(inst)
	s := newShelves(items)
	asked, lent := newAsker(now, s, inst), newLender(now, s, patrons, inst)
	asked.story()
	lent.everyKind()
	asked.crowd(borrowers(patrons), 80)
	lent.crowd(borrowers(patrons), 60)
	return Library{Patrons: patrons, Items: items, Requests: asked.all, Holdings: lent.holdings()}, lent.failed
}

// describer tells the description of a code.
type describer interface {
	Describe(table, code, lang string) (desc string, known bool)
}

// codes makes codes with their descriptions.
type codes struct{ tables describer }

func (c codes) of(table, value string) patron.Code {
	if value == "" {
		return patron.Code{}
	}
	desc, _ := c.tables.Describe(table, value, "en")
	return patron.Code{Value: value, Desc: desc}
}

func (c codes) item(table, value string) fulfillment.Code {
	code := c.of(table, value)
	return fulfillment.Code{Value: code.Value, Desc: code.Desc}
}

// made is when the records of the demo library say they were made.
var made = time.Date(2026, time.September, 14, 8, 30, 0, 0, time.UTC)

// uids gives each patron an identifier that is the same every time.
type uids struct{ random *rand.ChaCha8 }

func newUIDs() uids {
	return uids{rand.NewChaCha8([32]byte([]byte("the demo library of patron desk!")))}
}

func (u uids) next() string { return ulid.MustNew(ulid.Timestamp(made), u.random).String() }

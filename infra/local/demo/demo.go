// Package demo is the demo library: about two hundred invented patrons of every kind, a shelf of books and who asked
// for them. It is the same every time but for the days, which follow the day it is made on.
package demo

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
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
)

// Library is the demo library.
type Library struct {
	Patrons  []patron.Patron
	Items    []fulfillment.Item
	Requests []Placement // of one title in the order they were placed
}

// Placement is a request and who placed it.
type Placement struct {
	PrimaryID string
	Request   fulfillment.Request
}

// New makes the demo library as it is on the day of now. Descriptions of codes come from tables.
func New(now time.Time, tables describer) (Library, error) {
	items, err := readItems()
	if err != nil {
		return Library{}, err
	}
	patrons := people(tables)
	return Library{Patrons: patrons, Items: items, Requests: requests(now, items, patrons, tables)}, nil
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

//go:embed items.csv
var itemList []byte

// readItems reads the item list as the import of item lists does, so that importing the same list changes nothing.
func readItems() ([]fulfillment.Item, error) {
	rows, err := csv.NewReader(bytes.NewReader(itemList)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read the demo item list: %w", err)
	}
	column := map[string]int{}
	for i, name := range rows[0] {
		column[name] = i
	}
	var items []fulfillment.Item
	for _, row := range rows[1:] {
		of := func(name string) string { return row[column[name]] }
		items = append(items, fulfillment.Item{
			ID: of("item_id"), Barcode: of("barcode"), HoldingID: of("holding_id"), MMSID: of("mms_id"),
			Title: of("title"), Author: of("author"), Description: of("description"),
			DateOfPublication: of("date_of_publication"), Volume: of("volume"), Issue: of("issue"), Part: of("part"),
			Library: fulfillment.Code{Value: of("library")}, Location: fulfillment.Code{Value: of("location")},
			CallNumber: of("call_number"), MaterialType: fulfillment.Code{Value: of("material_type")},
			ItemPolicy: fulfillment.Code{Value: of("item_policy")},
		})
	}
	return items, nil
}

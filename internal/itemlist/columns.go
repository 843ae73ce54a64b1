package itemlist

import (
	"slices"
	"strings"

	"patrondesk/internal/fulfillment"
)

// column is a column of a table, or a field of an object, and where its text goes.
type column struct {
	name      string
	mandatory bool
	key       bool // the store looks items up by it
	at        func(it *fulfillment.Item) *string
	// coded says that a JSON object of a code and its description may stand in its place; described is the column of
	// that description, where it is kept: those of the institution's own code tables are not.
	coded     bool
	described string
	// read brings a text into the item's own form; nil takes it as it is.
	read func(text string) (own string, known bool)
}

// columns are those that are understood; others are ignored. The names are Alma's.
var columns = []column{
	{name: "barcode", mandatory: true, key: true, at: func(it *fulfillment.Item) *string { return &it.Barcode }},
	{name: "item_id", mandatory: true, key: true, at: func(it *fulfillment.Item) *string { return &it.ID }},
	{name: "holding_id", at: func(it *fulfillment.Item) *string { return &it.HoldingID }},
	{name: "mms_id", mandatory: true, key: true, at: func(it *fulfillment.Item) *string { return &it.MMSID }},
	{name: "title", mandatory: true, at: func(it *fulfillment.Item) *string { return &it.Title }},
	{name: "author", at: func(it *fulfillment.Item) *string { return &it.Author }},
	{name: "description", at: func(it *fulfillment.Item) *string { return &it.Description }},
	{name: "date_of_publication", at: func(it *fulfillment.Item) *string { return &it.DateOfPublication }},
	{name: "volume", at: func(it *fulfillment.Item) *string { return &it.Volume }},
	{name: "issue", at: func(it *fulfillment.Item) *string { return &it.Issue }},
	{name: "part", at: func(it *fulfillment.Item) *string { return &it.Part }},
	{name: "library", mandatory: true, coded: true, at: func(it *fulfillment.Item) *string { return &it.Library.Value }},
	{name: "location", coded: true, described: "location_name", at: func(it *fulfillment.Item) *string { return &it.Location.Value }},
	{name: "location_name", at: func(it *fulfillment.Item) *string { return &it.Location.Desc }},
	{name: "call_number", at: func(it *fulfillment.Item) *string { return &it.CallNumber }},
	{name: "material_type", coded: true, at: func(it *fulfillment.Item) *string { return &it.MaterialType.Value }},
	{name: "item_policy", coded: true, described: "item_policy_name", at: func(it *fulfillment.Item) *string { return &it.ItemPolicy.Value }},
	{name: "item_policy_name", at: func(it *fulfillment.Item) *string { return &it.ItemPolicy.Desc }},
	{name: "status", coded: true, at: func(it *fulfillment.Item) *string { return (*string)(&it.Status) }, read: readStatus},
}

// named is the column of that name, or nil.
func named(name string) *column {
	if i := slices.IndexFunc(columns, func(c column) bool { return c.name == name }); i >= 0 {
		return &columns[i]
	}
	return nil
}

// statuses are the words that name a status, besides its code: Alma's base status and process types with their
// descriptions, and what other catalogues say.
var statuses = map[string]fulfillment.ItemStatus{
	"": fulfillment.ItemInPlace, "1": fulfillment.ItemInPlace, "ITEM IN PLACE": fulfillment.ItemInPlace, "AVAILABLE": fulfillment.ItemInPlace,
	"0": fulfillment.ItemNotInPlace, "ITEM NOT IN PLACE": fulfillment.ItemNotInPlace, "UNAVAILABLE": fulfillment.ItemNotInPlace,
	"TECHNICAL": fulfillment.ItemNotInPlace,
	"MISSING":   fulfillment.ItemMissing,
	"LOST":      fulfillment.ItemLost, "LOST LOAN": fulfillment.ItemLost, "LOST AND PAID": fulfillment.ItemLost, "LOST LOAN AND PAID": fulfillment.ItemLost,
	"IN PROCESS": fulfillment.ItemInProcess, "WORK ORDER DEPARTMENT": fulfillment.ItemInProcess,
	"ON ORDER": fulfillment.ItemOnOrder, "ACQ": fulfillment.ItemOnOrder, "ACQUISITION": fulfillment.ItemOnOrder,
}

// unknownStatus is the reason to refuse a status. A guess would lend what is lost, or lend nothing.
const unknownStatus = "The status is not known. Known are 1 and 0, AVAILABLE, UNAVAILABLE, MISSING, LOST, IN_PROCESS and ON_ORDER."

// readStatus is the status that a text names, whether in capitals or not, with spaces or underscores.
func readStatus(text string) (own string, known bool) {
	status, known := statuses[strings.ToUpper(strings.ReplaceAll(text, "_", " "))]
	return string(status), known
}

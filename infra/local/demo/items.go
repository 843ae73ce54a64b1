package demo

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"

	"patrondesk/internal/fulfillment"
)

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
			Library: fulfillment.Code{Value: of("library")}, Location: fulfillment.Code{Value: of("location"), Desc: of("location_name")},
			CallNumber: of("call_number"), MaterialType: fulfillment.Code{Value: of("material_type")},
			ItemPolicy: fulfillment.Code{Value: of("item_policy")}, Status: fulfillment.ItemStatus(of("status")),
		})
	}
	return items, nil
}

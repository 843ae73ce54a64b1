package fulfillment

import "testing"

func TestOnlyAnItemInItsPlaceIsLendable(t *testing.T) {
	for status, want := range map[ItemStatus]string{
		ItemInPlace:    "",
		ItemNotInPlace: "The catalogue says that the item is not in its place.",
		ItemMissing:    "The catalogue says that the item is missing.",
		ItemLost:       "The catalogue says that the item is lost.",
		ItemInProcess:  "The catalogue says that the item is in process, such as binding or repair.",
		ItemOnOrder:    "The catalogue says that the item is on order.",
		"OTHER":        "The catalogue says that the item is not in its place.",
	} {
		if got := status.Words(); got != want {
			t.Errorf("%q: got %q, want %q", status, got, want)
		}
		if got := (Item{Status: status}).Lendable(); got != (want == "") {
			t.Errorf("%q: got lendable %v", status, got)
		}
	}
}

package fulfillment

import "testing"

func TestOnlyAnItemInItsPlaceIsLendable(t *testing.T) {
	for status, want := range map[ItemStatus]string{
		ItemNotInPlace: "The catalogue says that the item is not in its place.",
		ItemMissing:    "The catalogue says that the item is missing.",
		ItemLost:       "The catalogue says that the item is lost.",
		ItemInProcess:  "The catalogue says that the item is in process, such as binding or repair.",
		ItemOnOrder:    "The catalogue says that the item is on order.",
		"OTHER":        "The catalogue says that the item is not in its place.",
	} {
		if got := status.obstacle(); got.Words != want || got.Kind != NotLoanable || !got.Overridable {
			t.Errorf("%q: got %+v, want %q", status, got, want)
		}
		if (Item{Status: status}).Lendable() {
			t.Errorf("%q is lendable", status)
		}
	}
	if !(Item{}).Lendable() {
		t.Error("an item in its place is not lendable")
	}
}

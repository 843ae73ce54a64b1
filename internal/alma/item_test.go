package alma

import (
	"fmt"
	"strings"
	"testing"

	"patrondesk/internal/fulfillment"
)

const bibsURL = "https://lib.example/almaws/v1/bibs"

// copyOf is an invented item with something in every field.
func copyOf() fulfillment.Item {
	return fulfillment.Item{
		ID: "2301", Barcode: "B-1", HoldingID: "2201", MMSID: "9901", Title: "On <Ink>", Author: "Nib, A.", Description: "v. 2",
		DateOfPublication: "1999", Volume: "2", Issue: "1", Part: "a", Library: fulfillment.Code{Value: "MAIN"},
		Location: fulfillment.Code{Value: "STACKS", Desc: "Open Stacks"}, CallNumber: "QA 1 & 2",
		MaterialType: fulfillment.Code{Value: "BOOK", Desc: "Book"}, ItemPolicy: fulfillment.Code{Value: "SHORT"},
	}
}

// custody is where the item may be, with everything about a patron that must not be shown.
func custody(state fulfillment.CustodyState) fulfillment.Custody {
	return fulfillment.Custody{
		ItemID: "2301", State: state, UID: "secret-uid", LoanID: "secret-loan", RequestID: "secret-request",
		At: fulfillment.Desk{Library: fulfillment.Code{Value: "MAIN"}}, To: fulfillment.Desk{Library: fulfillment.Code{Value: "LAW"}},
		Until: "2026-12-31",
	}
}

func TestItemObjects(t *testing.T) {
	bare := fulfillment.Item{ID: "1", MMSID: "a/b", Title: "Bare", Status: fulfillment.ItemMissing}
	for name, object := range map[string]any{
		"item":       NewItem(copyOf(), fulfillment.Custody{}, false, bibsURL, known),
		"item_bare":  NewItem(bare, fulfillment.Custody{}, false, bibsURL, nil),
		"item_lent":  NewItem(copyOf(), custody(fulfillment.OnLoan), true, bibsURL, known).WithDue(moment),
		"item_shelf": NewScannedItem(copyOf(), custody(fulfillment.OnShelf), true, bibsURL, known),
	} {
		t.Run(name, func(t *testing.T) { goldenObject(t, name, object) })
	}
}

// TestItemSaysNothingOfPatrons proves it of every state, in both formats.
func TestItemSaysNothingOfPatrons(t *testing.T) {
	for _, state := range []fulfillment.CustodyState{fulfillment.AtPlace, fulfillment.OnLoan, fulfillment.OnShelf, fulfillment.InTransit} {
		for _, asJSON := range []bool{true, false} {
			shown := mustEncode(t, NewScannedItem(copyOf(), custody(state), true, bibsURL, known), asJSON)
			if strings.Contains(shown, "secret") {
				t.Errorf("%s: %s", state, shown)
			}
		}
	}
}

func TestItemWhereabouts(t *testing.T) {
	for _, test := range []struct {
		status        fulfillment.ItemStatus
		state         fulfillment.CustodyState
		base, process ItemCode
	}{
		{"", fulfillment.AtPlace, ItemCode{"1", "Item in place"}, ItemCode{}},
		{"", fulfillment.OnLoan, ItemCode{"0", "Item not in place"}, ItemCode{"LOAN", "Loan"}},
		{"", fulfillment.OnShelf, ItemCode{"0", "Item not in place"}, ItemCode{"HOLDSHELF", "Hold Shelf"}},
		{"", fulfillment.InTransit, ItemCode{"0", "Item not in place"}, ItemCode{"TRANSIT", "Transit"}},
		{fulfillment.ItemMissing, fulfillment.AtPlace, ItemCode{"0", "Item not in place"}, ItemCode{"MISSING", "Missing"}},
		{fulfillment.ItemMissing, fulfillment.OnLoan, ItemCode{"0", "Item not in place"}, ItemCode{"LOAN", "Loan"}},
		{"OTHER", fulfillment.AtPlace, ItemCode{"0", "Item not in place"}, ItemCode{"OTHER", "OTHER"}},
	} {
		data := NewItem(fulfillment.Item{Status: test.status}, fulfillment.Custody{State: test.state}, false, bibsURL, known).Data
		if data.BaseStatus != test.base || data.ProcessType != test.process {
			t.Errorf("%q, %q: got %v, %v; want %v, %v", test.status, test.state, data.BaseStatus, data.ProcessType, test.base, test.process)
		}
	}
}

// TestScanSentence has the sentences of recorded scans, without the requesters.
func TestScanSentence(t *testing.T) {
	home, request := custody(fulfillment.InTransit), custody(fulfillment.InTransit)
	home.RequestID, home.UID = "", ""
	homeless := copyOf()
	homeless.Location = fulfillment.Code{}
	for _, test := range []struct {
		it   fulfillment.Item
		c    fulfillment.Custody
		want string
	}{
		{copyOf(), custody(fulfillment.OnShelf), "On Hold Shelf. Request/Process Type: Patron physical item request. Requester: . Requester ID: . Place in Queue: 1"},
		{copyOf(), request, "Law Library. Request/Process Type: Patron physical item request. Requester: . Requester ID: . Place in Queue: 1"},
		{copyOf(), home, "Law Library. Request/Process Type: Transit for reshelving. Requester: . Requester ID: . Place in Queue: 1"},
		{copyOf(), fulfillment.Custody{}, "Reshelve to Open Stacks. Request/Process Type: . Requester: . Requester ID: . Place in Queue: 0"},
		{homeless, fulfillment.Custody{}, "Reshelve to Main Library. Request/Process Type: . Requester: . Requester ID: . Place in Queue: 0"},
	} {
		got := NewScannedItem(test.it, test.c, false, bibsURL, known).AdditionalInfo
		if want := "Item's destination is: " + test.want; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if got := NewScannedItem(copyOf(), custody(fulfillment.OnLoan), false, bibsURL, known).AdditionalInfo; got != "" {
		t.Errorf("an item that stays on loan: got %q", got)
	}
}

func TestItemLinks(t *testing.T) {
	it := fulfillment.Item{ID: "1 2", MMSID: "a/b"}
	for holding, want := range map[string]string{"": "ALL", "2%": "2%25"} {
		it.HoldingID = holding
		got := NewItem(it, fulfillment.Custody{}, false, bibsURL, nil).Link
		if want = fmt.Sprintf("%s/a%%2Fb/holdings/%s/items/1%%202", bibsURL, want); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

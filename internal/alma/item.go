package alma

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"net/url"
	"time"

	"patrondesk/internal/fulfillment"
)

// Item is a copy of a title on the wire, Alma's item object (rest_item.xsd). It says where the item is, and nothing of
// whom it was lent to or waits for.
type Item struct {
	XMLName xml.Name    `json:"-" xml:"item"`
	Bib     ItemBib     `json:"bib_data" xml:"bib_data"`
	Holding ItemHolding `json:"holding_data" xml:"holding_data"`
	Data    ItemData    `json:"item_data" xml:"item_data"`
	// AdditionalInfo says where an item that was scanned goes now; only the answer of a scan has it.
	AdditionalInfo string `json:"additional_info,omitempty" xml:"additional_info,omitempty"`
	Link           string `json:"link" xml:"link,attr"`

	// Scanned is what became of an item that was scanned, for a caller in the same process who says it in another language.
	// It is not on the wire.
	Scanned *Scan `json:"-" xml:"-"`
}

// Scan is what became of an item that was scanned.
type Scan struct {
	fulfillment.Outcome
	Borrower string // the primary id of whose loan ended; empty for nobody's
}

// ItemBib is the title of an item. What an item list has no place for is always empty: there are clients that fail
// without the fields.
type ItemBib struct {
	MMSID              string `json:"mms_id" xml:"mms_id"`
	Title              string `json:"title" xml:"title"`
	Author             string `json:"author" xml:"author,omitempty"`
	ISBN               string `json:"isbn" xml:"isbn,omitempty"`
	CompleteEdition    string `json:"complete_edition" xml:"complete_edition,omitempty"`
	PlaceOfPublication string `json:"place_of_publication" xml:"place_of_publication,omitempty"`
	DateOfPublication  string `json:"date_of_publication" xml:"date_of_publication,omitempty"`
	Publisher          string `json:"publisher_const" xml:"publisher_const,omitempty"`
	Link               string `json:"link" xml:"link,attr"`
}

// ItemHolding is the holding an item belongs to. Temporary locations are not known here.
type ItemHolding struct {
	HoldingID      string `json:"holding_id" xml:"holding_id"`
	CallNumber     string `json:"call_number" xml:"call_number"`
	CopyID         string `json:"copy_id" xml:"copy_id"`
	InTempLocation bool   `json:"in_temp_location" xml:"in_temp_location"`
	Link           string `json:"link" xml:"link,attr"`
}

// ItemData is the item itself. Volume, issue and part are shown as the first three levels of enumeration.
type ItemData struct {
	PID          string   `json:"pid" xml:"pid"`
	Barcode      string   `json:"barcode" xml:"barcode"`
	BaseStatus   ItemCode `json:"base_status" xml:"base_status"` // 1 in place, 0 not
	MaterialType ItemCode `json:"physical_material_type" xml:"physical_material_type"`
	Policy       ItemCode `json:"policy" xml:"policy"`
	EnumerationA string   `json:"enumeration_a" xml:"enumeration_a"`
	EnumerationB string   `json:"enumeration_b" xml:"enumeration_b"`
	EnumerationC string   `json:"enumeration_c" xml:"enumeration_c"`
	Description  string   `json:"description" xml:"description"`
	ProcessType  ItemCode `json:"process_type" xml:"process_type"` // of the code table PROCESSTYPE; empty in place
	Library      ItemCode `json:"library" xml:"library"`
	Location     ItemCode `json:"location" xml:"location"`

	AlternativeCallNumber string `json:"alternative_call_number" xml:"alternative_call_number"`

	Requested bool `json:"requested" xml:"requested"`
	// DueDate is shown of an item on loan.
	DueDate Timestamp `json:"due_date,omitempty" xml:"due_date,omitempty"`
}

// ItemCode is a coded value of an item. An empty one has no description, not even an empty or null one; any other has
// one, because there are clients that fail without: the code itself where none is known.
type ItemCode struct {
	Value string `json:"value" xml:",chardata"`
	Desc  string `json:"desc,omitempty" xml:"desc,attr,omitempty"`
}

// NewItem shows an item, which is where its custody says; of one on loan it is not told whether it was lost. Requested is
// whether anybody waits for it. Bibs is the address of all titles, such as https://lib.example/almaws/v1/bibs.
// Descriptions are in the institution's language.
func NewItem(it fulfillment.Item, c fulfillment.Custody, requested bool, bibs string, d Describer) Item {
	w := writer{d: d}
	bib := bibs + "/" + url.PathEscape(it.MMSID)
	holding := bib + "/holdings/" + url.PathEscape(cmp.Or(it.HoldingID, "ALL"))
	process := w.shownCode("PROCESSTYPE", processType(it, c))
	return Item{
		Link: holding + "/items/" + url.PathEscape(it.ID),
		Bib: ItemBib{MMSID: it.MMSID, Title: it.Title, Author: it.Author, DateOfPublication: it.DateOfPublication,
			Link: bib},
		Holding: ItemHolding{HoldingID: it.HoldingID, CallNumber: it.CallNumber, Link: holding},
		Data: ItemData{
			PID: it.ID, Barcode: it.Barcode, BaseStatus: baseStatus(process), ProcessType: process,
			MaterialType: w.shownCode("PhysicalMaterialType", it.MaterialType), Policy: w.shownCode("ItemPolicy", it.ItemPolicy),
			EnumerationA: it.Volume, EnumerationB: it.Issue, EnumerationC: it.Part, Description: it.Description,
			Library: w.shownCode("Libraries", it.Library), Location: shownCode(Code(it.Location)),
			Requested: requested,
		},
	}
}

// WithDue is the item with the due date of its loan.
func (i Item) WithDue(due time.Time) Item {
	i.Data.DueDate = Timestamp(timestamp(due))
	return i
}

// NewScannedItem shows an item that was scanned at a desk, as [NewItem] does; its custody says where it goes now. Clients
// take the sentence about that to pieces, so it is Alma's to the letter. Where Alma names the requester nothing is said.
func NewScannedItem(it fulfillment.Item, c fulfillment.Custody, requested bool, bibs string, d Describer) Item {
	shown := NewItem(it, c, requested, bibs, d)
	if to, process, place := (writer{d: d}).destination(shown, c); to != "" {
		shown.AdditionalInfo = fmt.Sprintf("Item's destination is: %s. Request/Process Type: %s. Requester: . Requester ID: . Place in Queue: %d",
			to, process, place)
	}
	return shown
}

// destination is where a scanned item goes, what for, and its place in the queue, which is 1 while anything is to be
// done with it.
func (w writer) destination(i Item, c fulfillment.Custody) (to, process string, place int) {
	request := w.itemCode("RequestSubTypes", fulfillment.Code{Value: "PATRON_PHYSICAL", Desc: "Patron physical item request"}).Desc
	switch {
	case c.State == fulfillment.OnShelf:
		return "On Hold Shelf", request, 1
	case c.State == fulfillment.InTransit && c.RequestID != "":
		return w.shownCode("Libraries", c.To.Library).Desc, request, 1
	case c.State == fulfillment.InTransit:
		return w.shownCode("Libraries", c.To.Library).Desc, "Transit for reshelving", 1
	case c.State == fulfillment.AtPlace:
		return "Reshelve to " + cmp.Or(i.Data.Location.Desc, i.Data.Library.Desc), "", 0
	}
	return "", "", 0
}

// baseStatus says whether an item is at its place, by why it is not.
func baseStatus(process ItemCode) ItemCode {
	if process.Value == "" {
		return ItemCode{"1", "Item in place"}
	}
	return ItemCode{"0", "Item not in place"}
}

// processType is why an item is not at its place, by Alma's code table PROCESSTYPE: what its custody says, and else what
// the catalogue says.
func processType(it fulfillment.Item, c fulfillment.Custody) fulfillment.Code {
	code := string(it.Status)
	switch c.State {
	case fulfillment.OnLoan:
		code = "LOAN"
	case fulfillment.OnShelf:
		code = "HOLDSHELF"
	case fulfillment.InTransit:
		code = "TRANSIT"
	}
	desc := map[string]string{
		"LOAN": "Loan", "HOLDSHELF": "Hold Shelf", "TRANSIT": "Transit", "MISSING": "Missing", "LOST_LOAN": "Lost",
		"WORK_ORDER_DEPARTMENT": "In Process", "ACQ": "Acquisition", "TECHNICAL": "Technical",
	}
	return fulfillment.Code{Value: code, Desc: desc[code]}
}

func (w writer) shownCode(table string, c fulfillment.Code) ItemCode {
	return shownCode(w.itemCode(table, c))
}

func shownCode(c Code) ItemCode {
	if c.Value == "" {
		return ItemCode{}
	}
	return ItemCode{c.Value, cmp.Or(c.Desc, c.Value)}
}

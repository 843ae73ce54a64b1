package alma

import (
	"encoding/xml"
	"net/url"
	"strings"

	"patrondesk/internal/fulfillment"
)

// Fee is a fine or fee of a patron on the wire, Alma's fee object (rest_fee.xsd). Of one that is read only its type,
// amount, owner, comment and the item's barcode are kept.
type Fee struct {
	XMLName xml.Name `json:"-" xml:"fee"`

	ID             string           `json:"id" xml:"id" alma:"output"`
	Type           Code             `json:"type" xml:"type"`
	Status         Code             `json:"status" xml:"status" alma:"output"`
	UserPrimaryID  Linked           `json:"user_primary_id" xml:"user_primary_id" alma:"output"`
	Balance        Amount           `json:"balance" xml:"balance" alma:"output"`
	RemainingVAT   Amount           `json:"remaining_vat_amount" xml:"remaining_vat_amount" alma:"output"`
	OriginalAmount Amount           `json:"original_amount" xml:"original_amount"`
	OriginalVAT    Amount           `json:"original_vat_amount" xml:"original_vat_amount" alma:"output"`
	CreationTime   string           `json:"creation_time" xml:"creation_time" alma:"output"`
	StatusTime     string           `json:"status_time" xml:"status_time" alma:"output"`
	Comment        NullText         `json:"comment" xml:"comment,omitempty"`
	Owner          Code             `json:"owner" xml:"owner"`
	Title          NullText         `json:"title" xml:"title,omitempty" alma:"output"`
	Barcode        *Linked          `json:"barcode" xml:"barcode"`
	Transactions   []FeeTransaction `json:"transaction,omitempty" xml:"transactions>transaction" alma:"output"`
	Link           string           `json:"link" xml:"link,attr" alma:"output"`
	_              struct{}         `alma:"bursar_transaction_id"`
}

// Fees is the answer of GET /users/{user_id}/fees. The sum is that of the balances; without fees there is no currency.
type Fees struct {
	XMLName  xml.Name `json:"-" xml:"fees"`
	Fee      []Fee    `json:"fee,omitempty" xml:"fee"`
	Total    int      `json:"total_record_count" xml:"total_record_count,attr"`
	Sum      Amount   `json:"total_sum" xml:"total_sum,attr"`
	Currency NullText `json:"currency" xml:"currency,attr,omitempty"`
}

// FeeTransaction is an entry of a fee's ledger.
type FeeTransaction struct {
	ID            string   `json:"transaction_id" xml:"transaction_id"`
	Type          Code     `json:"type" xml:"type"` // PAYMENT, WAIVE, DISPUTE or RESTORE
	Amount        Amount   `json:"amount" xml:"amount"`
	VAT           Amount   `json:"vat_amount" xml:"vat_amount"`
	Reason        NullCode `json:"reason,omitzero" xml:"reason"`
	Comment       NullText `json:"comment" xml:"comment,omitempty"`
	CreatedBy     string   `json:"created_by,omitempty" xml:"created_by,omitempty"`
	ExternalID    NullText `json:"external_transaction_id" xml:"external_transaction_id,omitempty"`
	Time          string   `json:"transaction_time" xml:"transaction_time"`
	ReceivedBy    *Code    `json:"received_by,omitempty" xml:"received_by"` // of a payment
	PaymentMethod NullCode `json:"payment_method,omitzero" xml:"payment_method"`
}

// Linked is a value with the address of what it names.
type Linked struct {
	Value string `json:"value" xml:",chardata"`
	Link  string `json:"link" xml:"link,attr"`
}

// Amount is an amount of money as a decimal number, 12.5. It is kept as it is written, so that nothing is ever rounded;
// "" is none, and is shown as 0. [Amount.Money] reads it.
type Amount string

// MarshalJSON writes a number.
func (a Amount) MarshalJSON() ([]byte, error) { return []byte(a.orZero()), nil }

// MarshalXML writes a decimal number.
func (a Amount) MarshalXML(e *xml.Encoder, start xml.StartElement) error {
	return e.EncodeElement(a.orZero(), start)
}

// MarshalXMLAttr writes a decimal number.
func (a Amount) MarshalXMLAttr(name xml.Name) (xml.Attr, error) {
	return xml.Attr{Name: name, Value: a.orZero()}, nil
}

func (a Amount) orZero() string {
	if a == "" {
		return "0"
	}
	return string(a)
}

// NewAmount is money in a currency with that many decimal places, without zeros at the end as Alma writes it.
func NewAmount(m fulfillment.Money, places int) Amount {
	text := m.Decimal(places)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return Amount(text)
}

// Money is the amount in the minor unit of a currency with that many decimal places. The error of what is no plain
// decimal number, or has more places, says so.
func (a Amount) Money(places int) (fulfillment.Money, error) {
	return fulfillment.ParseMoney(strings.TrimSpace(string(a)), places)
}

// Fee is the fee that a body asks to be charged, in a currency with that many decimal places. A mandatory field that is
// empty and an amount that is none are an [*Error]; whether the codes and the barcode exist is the caller's to ask.
func (f Fee) Fee(places int) (fulfillment.Fee, error) {
	switch {
	case f.Type.Value == "":
		return fulfillment.Fee{}, FeeTypeMissing()
	case f.OriginalAmount == "":
		return fulfillment.Fee{}, FeeAmountMissing()
	case f.Owner.Value == "":
		return fulfillment.Fee{}, FeeOwnerMissing()
	}
	original, err := f.OriginalAmount.Money(places)
	if err != nil {
		return fulfillment.Fee{}, InvalidAmount("original_amount", places)
	}
	out := fulfillment.Fee{
		Type: fulfillment.FeeType(f.Type.Value), Original: original, Owner: fulfillment.Code(f.Owner), Comment: string(f.Comment),
	}
	if f.Barcode != nil {
		out.Barcode = strings.TrimSpace(f.Barcode.Value)
	}
	return out, nil
}

// FeeView is how the fees of a patron are shown.
type FeeView struct {
	PrimaryID string // of the patron
	Base      string // of all links: where the caller reached the API
	Currency  string // of the institution, with that many decimal places
	Places    int
	Describer Describer
	// Staff says that the caller sees who took money or waived it, and what they noted on that. A patron does not.
	Staff bool
}

// Fee shows a fee.
func (v FeeView) Fee(f fulfillment.Fee) Fee {
	w := writer{d: v.Describer}
	user := v.Base + "/users/" + url.PathEscape(v.PrimaryID)
	out := Fee{
		ID:             f.ID,
		Type:           w.itemCode("FineFeeTransactionType", fulfillment.Code{Value: string(f.Type), Desc: string(f.Type)}),
		Status:         w.itemCode("FeeStatus", fulfillment.Code{Value: string(f.Status), Desc: string(f.Status)}),
		UserPrimaryID:  Linked{v.PrimaryID, user},
		Balance:        v.amount(f.Balance()),
		OriginalAmount: v.amount(f.Original),
		CreationTime:   timestamp(f.Created),
		StatusTime:     timestamp(f.StatusTime),
		Comment:        NullText(f.Comment),
		Owner:          w.itemCode("Libraries", f.Owner),
		Title:          NullText(f.Title),
		Transactions:   each(f.Transactions, v.transaction),
		Link:           user + "/fees/" + url.PathEscape(f.ID),
	}
	if f.Barcode != "" {
		out.Barcode = &Linked{f.Barcode, v.Base + "/items?item_barcode=" + url.QueryEscape(f.Barcode)}
	}
	return out
}

// Fees shows a list of fees with its sum.
func (v FeeView) Fees(all []fulfillment.Fee) Fees {
	if len(all) == 0 {
		return Fees{}
	}
	var sum fulfillment.Money
	for _, f := range all {
		sum += f.Balance()
	}
	return Fees{Fee: each(all, v.Fee), Total: len(all), Sum: v.amount(sum), Currency: NullText(v.Currency)}
}

func (v FeeView) transaction(t fulfillment.Transaction) FeeTransaction {
	w := writer{d: v.Describer}
	out := FeeTransaction{
		ID:            t.ID,
		Type:          Code{string(t.Type), transactionNames[t.Type]},
		Amount:        v.amount(t.Amount),
		ExternalID:    NullText(t.External),
		Time:          timestamp(t.At),
		Reason:        NullCode(w.itemCode("FineFeeTransactionReason", t.Reason)),
		PaymentMethod: NullCode(w.itemCode("PaymentMethod", fulfillment.Code{Value: t.Method, Desc: t.Method})),
	}
	if v.Staff {
		out.Comment, out.CreatedBy = NullText(t.Comment), t.By
		if t.Type == fulfillment.Payment {
			out.ReceivedBy = &Code{t.By, t.By}
		}
	}
	return out
}

func (v FeeView) amount(m fulfillment.Money) Amount { return NewAmount(m, v.Places) }

// transactionNames are for people; Alma has no code table of them that a library may change.
var transactionNames = map[fulfillment.TransactionType]string{
	fulfillment.Payment: "Payment", fulfillment.Waiver: "Waive", fulfillment.Dispute: "Dispute", fulfillment.Restore: "Restore",
}

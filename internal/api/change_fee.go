package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"patrondesk/internal/alma"
	"patrondesk/internal/fulfillment"
)

// The longest texts of a transaction, in bytes: a fee is one record, and its ledger only grows.
const (
	longestComment  = 2000
	longestExternal = 255
)

// feeOrder is what a caller asks to happen to fees.
type feeOrder struct {
	op    string
	all   bool // the amount is the whole balance, whatever it is
	entry fulfillment.Transaction
}

// feeOperations are what may happen to one fee.
var feeOperations = map[string]func(fulfillment.Fee, fulfillment.Transaction) (fulfillment.Fee, error){
	"pay": fulfillment.Fee.Pay, "waive": fulfillment.Fee.Waive, "dispute": fulfillment.Fee.Dispute, "restore": fulfillment.Fee.Restore,
}

// changeFee answers POST /users/{user_id}/fees/{fee_id}, once for each value of the header Idempotency-Key: op=pay pays
// the amount, or with amount=ALL what is owed; op=waive gives it up, all of it where there is no amount; op=dispute makes
// it one that is not to be paid, until op=restore.
func (a *API) changeFee(w http.ResponseWriter, r *http.Request) error {
	order, err := a.readFeeOrder(r, "pay", "waive", "dispute", "restore")
	if err != nil {
		return err
	}
	id := r.PathValue("fee_id")
	key, err := readFeeKey(r, "fee "+order.op, order.question(id)...)
	if err != nil {
		return err
	}
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	changed, err := a.moveFees(r.Context(), p.UID, key, func() (feePlan, error) { return a.planChange(r, p.UID, id, order) })
	if err != nil {
		return err
	}
	return a.writeFee(w, r, p, changed.fees[0])
}

// planChange is the order's effect on the fee as it is.
func (a *API) planChange(r *http.Request, uid, id string, order feeOrder) (feePlan, error) {
	before, err := a.Store.Fee(r.Context(), uid, id)
	if err != nil {
		return feePlan{}, err
	}
	if err := ifMatch(r, feeTag(before)); err != nil {
		return feePlan{}, err
	}
	account, err := a.Store.Account(r.Context(), uid)
	if err != nil {
		return feePlan{}, err
	}
	after, err := order.on(before)
	return feePlan{movement: fulfillment.MoveFees(uid, account, []fulfillment.Fee{before}, []fulfillment.Fee{after})}, err
}

// on is the fee after the order.
func (o feeOrder) on(f fulfillment.Fee) (fulfillment.Fee, error) {
	if o.all {
		o.entry.Amount = f.Balance()
	}
	return feeOperations[o.op](f, o.entry)
}

// question is all that tells the order for the fee of that id from another one, but for who asks and when.
func (o feeOrder) question(id string) []string {
	t := o.entry
	return []string{id, strconv.FormatBool(o.all), t.Amount.Decimal(0), t.Method, t.Reason.Value, t.Comment, t.External}
}

// readFeeOrder reads the parameters of one of the operations. What an operation does not take is ignored.
func (a *API) readFeeOrder(r *http.Request, operations ...string) (feeOrder, error) {
	params, by := r.URL.Query(), a.by(r)
	o := feeOrder{op: strings.ToLower(params.Get("op")), entry: fulfillment.Transaction{Comment: params.Get("comment"), By: by.By, At: by.At}}
	if !slices.Contains(operations, o.op) {
		return o, alma.InvalidParameter("op", "It takes "+strings.Join(operations, ", ")+". Nothing was changed.")
	}
	err := checkNote("comment", o.entry.Comment, longestComment)
	switch {
	case err != nil:
	case o.op == "pay":
		err = a.readPayment(r, &o)
	case o.op == "waive":
		if err = a.readAmount(r, &o, "ALL"); err == nil {
			err = a.readReason(r, &o, true)
		}
	case o.op == "dispute":
		err = a.readReason(r, &o, false)
	}
	return o, err
}

// readPayment reads what is said of a payment. It has an amount: whoever takes money says how much.
func (a *API) readPayment(r *http.Request, o *feeOrder) error {
	if err := a.readAmount(r, o, ""); err != nil {
		return err
	}
	o.entry.Method = strings.ToUpper(r.URL.Query().Get("method"))
	if o.entry.Method == "" || !a.Institution.Legal("PaymentMethod", o.entry.Method) {
		return alma.InvalidParameter("method", "It takes a code of the code table PaymentMethod, such as CASH. Nothing was paid.")
	}
	o.entry.External = r.URL.Query().Get("external_transaction_id")
	return checkNote("external_transaction_id", o.entry.External, longestExternal)
}

// readAmount reads the amount, which is ALL or a decimal number, and otherwise where there is none.
func (a *API) readAmount(r *http.Request, o *feeOrder, otherwise string) error {
	text := r.URL.Query().Get("amount")
	if text == "" {
		text = otherwise
	}
	if o.all = strings.EqualFold(text, "ALL"); o.all {
		return nil
	}
	_, places := a.Institution.CurrencyCode()
	var err error
	if o.entry.Amount, err = fulfillment.ParseMoney(text, places); err != nil {
		return alma.InvalidAmount("amount", places)
	}
	if o.entry.Amount <= 0 {
		return a.feeRefusal(fulfillment.ErrAmount)
	}
	return nil
}

// readReason reads a code of FineFeeTransactionReason.
func (a *API) readReason(r *http.Request, o *feeOrder, mandatory bool) error {
	const table = "FineFeeTransactionReason"
	code := r.URL.Query().Get("reason")
	if code == "" && !mandatory {
		return nil
	}
	desc, known := a.Institution.Describe(table, code, a.Institution.DefaultLanguage())
	if !known || !a.Institution.Legal(table, code) {
		return alma.InvalidParameter("reason", "It takes a code of the code table "+table+". Nothing was changed.")
	}
	o.entry.Reason = fulfillment.Code{Value: code, Desc: desc}
	return nil
}

// checkNote refuses a text of a fee that is too long, or that no answer could show as it is.
func checkNote(name, text string, longest int) error {
	strange := func(c rune) bool { return unicode.IsControl(c) && !strings.ContainsRune("\t\r\n", c) }
	if len(text) > longest || !utf8.ValidString(text) || strings.ContainsFunc(text, strange) {
		return alma.InvalidParameter(name, "It is too long, or has characters that are no text. Nothing was changed.")
	}
	return nil
}

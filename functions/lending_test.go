package functions_test

import (
	"encoding/json"
	"strings"
)

// atDesk is the circulation desk of the main library, as a check-out names it.
const atDesk = `{"library":{"value":"MAIN"},"circ_desk":{"value":"DEFAULT_CIRC_DESK"}}`

const (
	scan = "op=scan&library=MAIN&circ_desk=DEFAULT_CIRC_DESK"
	// tomorrow is a due date that was changed by hand, so that a loan of today can be renewed.
	tomorrow = `{"due_date":"TOMORROW"}`
)

const (
	loansRoute = "POST /almaws/v1/users/{user_id}/loans"
	itemRoute  = "POST /almaws/v1/bibs/{mms_id}/holdings/{holding_id}/items/{item_pid}"
)

// lend lends the item to the patron, and returns the loan's id.
func (l *demo) lend(who, barcode string) string {
	l.t.Helper()
	return idIn(l.must(200, "loan-desk", loansRoute, map[string]string{"user_id": who}, "item_barcode="+barcode, atDesk), "loan_id")
}

// scan scans the item at the circulation desk.
func (l *demo) scan(barcode string) {
	l.t.Helper()
	l.must(200, "loan-desk", "POST /almaws/v1/items", nil, scan+"&item_barcode="+barcode, "")
}

// want places a patron's request for an item, and returns its id.
func (l *demo) want(who, item string) string {
	l.t.Helper()
	return idIn(l.must(200, "request-update", "POST /almaws/v1/users/{user_id}/requests", map[string]string{"user_id": who}, "item_pid="+item, hold), "request_id")
}

// borrowed sees to it that thomas has an item.
func (l *demo) borrowed() {
	l.t.Helper()
	thomas := map[string]string{"user_id": "thomas"}
	if text := l.must(200, "loan-desk", "GET /almaws/v1/users/{user_id}/loans", thomas, "", ""); strings.Contains(text, `"total_record_count":0`) {
		l.lend("thomas", "B1003")
	}
}

// shelved puts two items on the hold shelf: one that nobody else wants, and one for which thomas waits too.
func (l *demo) shelved() {
	l.t.Helper()
	l.want("desk", "1005")
	l.want("thomas", "1005")
	l.want("desk", "1006")
	l.scan("B1005")
	l.scan("B1006")
}

// past gives a patron a loan that is over, and a fee that is paid.
func (l *demo) past(who string) {
	l.t.Helper()
	l.lend(who, "B1007")
	l.scan("B1007")
	fee := map[string]string{"user_id": who}
	fee["fee_id"] = idIn(l.must(200, "fee-desk", "POST /almaws/v1/users/{user_id}/fees", fee, "", `{"type":{"value":"OTHER"},"original_amount":5,"owner":{"value":"MAIN"}}`), "id")
	l.must(200, "fee-desk", "POST /almaws/v1/users/{user_id}/fees/{fee_id}", fee, "op=pay&amount=5&method=CASH", "")
}

// idIn is a member of an answer, or "" when it has none.
func idIn(body, member string) string {
	var made map[string]any
	_ = json.Unmarshal([]byte(body), &made)
	id, _ := made[member].(string)
	return id
}

package api

import (
	"testing"

	"patrondesk/internal/dynamo/dynamotest"
)

// loanBatch is a bit of everything that is done with loans of the patron and with the item zbarcode2, good and bad.
func loanBatch(loanID string) []sent {
	u, l, none := user("zbarcode"), loan("zquill", loanID), user("zquill-nobody")
	it := itemAt("ztitle", "zbarcode1")
	key := map[string]string{"idempotency-key": "zkey"}
	const scan = "op=scan&library=MAIN&circ_desk=DEFAULT_CIRC_DESK"
	return []sent{
		{route: "GET " + loansRoute, params: u}, {route: "GET " + loansRoute, params: none}, {route: "GET " + loanRoute, params: l}, {route: "GET " + loanRoute, params: loan("zquill", "zbarcode")},
		{route: "POST " + loansRoute, params: u, query: "item_barcode=zbarcode2", body: atMain}, {route: "POST " + loansRoute, params: u, query: "item_barcode=zbarcode", body: atMain},
		{route: "POST " + loansRoute, params: none, query: "item_barcode=zbarcode2", body: atMain}, {route: "POST " + loansRoute, params: u, query: "item_pid=zbarcode1", body: atMain, headers: key},
		{route: "POST " + loansRoute, params: u, query: "item_pid=zbarcode1", body: `{"library":{"value":"zcity"},"circ_desk":{"value":"zstreet"}}`},
		{route: "POST " + loanPost, params: l, query: "op=renew"}, {route: "POST " + loanPost, params: loan("zquill", "all"), query: "op=renew"}, {route: "POST " + loanPost, params: l, query: "op=zreason"},
		{route: "POST " + loanPost, params: l, query: "op=lost"}, {route: "POST " + loanPost, params: l, query: "op=found"}, {route: "PUT " + loanRoute, params: l, body: due("zsearch")},
		{route: "PUT " + loanRoute, params: l, body: due("2099-01-02"), headers: map[string]string{"if-match": `"ztag"`}}, {route: "PUT " + loanRoute, params: l, body: due("2099-01-02")},
		{route: "GET " + itemsRoute, query: "item_barcode=zbarcode2"}, {route: "GET " + itemsRoute, query: "item_barcode=zbarcode"}, {route: "GET " + itemRoute, params: it},
		{route: "POST " + itemsRoute, query: "item_barcode=zbarcode2&" + scan}, {route: "POST " + itemsRoute, query: "item_barcode=zbarcode&" + scan}, {route: "POST " + itemRoute, params: it, query: scan},
		{route: "POST " + itemRoute, params: it, query: scan + "&return_date=zsearch"}, {route: "POST " + itemRoute, params: itemAt("ztitle", "zkey"), query: scan},
	}
}

// TestLoanLogsTellNothing runs the batch on a good store and on failing ones, and reads the log: one line a request,
// which names nobody and nothing.
func TestLoanLogsTellNothing(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]dynamotest.Option{
		"good":      nil,
		"throttled": {dynamotest.Chance("", 0.8, 1, dynamotest.Throttled)},
		"failing":   {dynamotest.Chance("", 0.8, 2, dynamotest.ServerError, dynamotest.LostAnswer, dynamotest.Conflict)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, _ := secretDesk(t, nil)
			id := idOf(d.lend("zquill", "zbarcode2"))
			d = openDesk(t, d.tables, dynamotest.Open(t, d.tables, opts...))
			gateway, statuses := d.gateway(), map[int]int{}
			for _, s := range loanBatch(id) {
				if s.headers == nil {
					s.headers = map[string]string{}
				}
				s.headers["authorization"] = "apikey " + allRights
				statuses[gateway.send(t.Context(), s).status]++
			}
			t.Logf("answers: %v", statuses)
			checkLog(t, gateway.log.String(), id)
		})
	}
}

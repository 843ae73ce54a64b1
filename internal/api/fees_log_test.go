package api

import (
	"strings"
	"testing"

	"patrondesk/internal/dynamo/dynamotest"
)

// feeBatch is a bit of everything that is done with fees of the patron, good and bad.
func feeBatch(id, feeID string) []sent {
	u, f := user(id), fee(id, feeID)
	const pay = "op=pay&amount=1&method=CASH&comment=znote&external_transaction_id=zkey"
	return []sent{
		{route: "GET " + feesRoute, params: u}, {route: "GET " + feeRoute, params: f}, {route: "GET " + feeRoute, params: fee(id, "zbarcode")},
		{route: "POST " + feesRoute, params: u, body: strings.Replace(feeBody("3"), "{", `{"comment":"znote","barcode":{"value":"zbarcode2"},`, 1)},
		{route: "POST " + feesRoute, params: u, body: strings.Replace(feeBody("3"), "{", `{"barcode":{"value":"zbarcode"},`, 1)},
		{route: "POST " + feesRoute, params: u, body: strings.Replace(feeBody("3"), "OTHER", "zdescription", 1)},
		{route: "POST " + feeRoute, params: f, query: pay}, {route: "POST " + feeRoute, params: f, query: pay, headers: map[string]string{"idempotency-key": "zkey"}},
		{route: "POST " + feeRoute, params: f, query: "op=waive&reason=zreason"}, {route: "POST " + feeRoute, params: f, query: "op=dispute&comment=znote"},
		{route: "POST " + feeRoute, params: f, query: pay}, {route: "POST " + feeRoute, params: f, query: "op=restore"},
		{route: "POST " + allFeeRoute, params: u, query: pay}, {route: "POST " + allFeeRoute, params: u, query: "op=pay&amount=ALL&method=CASH", headers: map[string]string{"idempotency-key": "zkey"}},
		{route: "POST " + allFeeRoute, params: u, query: pay}, {route: "POST " + allFeeRoute, params: user("zquill-nobody"), query: pay},
	}
}

// TestFeeLogsTellNothing runs the batch on a good store and on failing ones, and reads the log: one line a request, which
// names nobody and nothing.
func TestFeeLogsTellNothing(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string][]dynamotest.Option{
		"good":      nil,
		"throttled": {dynamotest.Chance("", 0.8, 1, dynamotest.Throttled)},
		"failing":   {dynamotest.Chance("", 0.8, 2, dynamotest.ServerError, dynamotest.LostAnswer, dynamotest.Conflict)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, _ := secretDesk(t, nil)
			id := strings.TrimPrefix(d.owe("zquill", "5")[0], "/users/zquill/fees/")
			d = openDesk(t, d.tables, dynamotest.Open(t, d.tables, opts...))
			gateway, statuses := d.gateway(), map[int]int{}
			for _, s := range feeBatch("zbarcode", id) {
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

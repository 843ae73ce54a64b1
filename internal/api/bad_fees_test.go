package api

import "strings"

const (
	feesRoute   = "/almaws/v1/users/{user_id}/fees"
	feeRoute    = "/almaws/v1/users/{user_id}/fees/{fee_id}"
	allFeeRoute = "/almaws/v1/users/{user_id}/fees/all"
)

func fee(id, feeID string) map[string]string {
	return map[string]string{"user_id": id, "fee_id": feeID}
}

// feeOf is the fee of that user.
func (g *generator) feeOf(known string) string {
	for i, id := range g.users {
		if id == known {
			return g.fees[2*i]
		}
	}
	return "1"
}

// badFee is a request about fees that must be refused. The user owes 5.00.
func (g *generator) badFee(known string) sent {
	const pay = "op=pay&method=CASH&amount="
	amount := pick(g, "0", "-1", "5.01", "1.001", "1e0", "ten", "NaN", "Infinity", "0x1", "1,5", "", ".5", "5.", "--1", "99999999999999999999", "%2B1", "٣", "%00", "1+1", "ALLES")
	operation := pick(g, pay+amount, "op=waive&reason=GOODWILL&amount="+pick(g, "0", "-1", "5.01", "ten"), "", "op=", "op=refund", "op=%00", "op=restore", "op=waive",
		"op=waive&reason=x", "op=dispute&reason=x", "op=pay&amount=1", "op=pay&amount=1&method=GOLD", pay+"1&comment=%FF", pay+"1&external_transaction_id="+strings.Repeat("x", 256))
	switch g.IntN(6) {
	case 0:
		return g.wire("GET "+feesRoute, user(known), "status="+pick(g, "OPEN", "%00", "ACTIV", "x"), "")
	case 1:
		return g.wire(pick(g, "GET ", "POST ")+feeRoute, fee(pick(g, known, "nobody"), pick(g, odd...)), pay+"1", "")
	case 2:
		return g.wire("POST "+feesRoute, user(known), "", g.noJSON(feeBody("1")))
	case 3:
		from, to := pick(g, `"original_amount":`, `{"value":"OTHER"}`, `{"value":"MAIN"}`), pick(g, `"x":`, "null,", `"",`, `[1],`, `{"value":"\u0000"}`, `{"value":"NOSUCH"}`, `"amount":`)
		return g.wire("POST "+feesRoute, user(known), "", strings.Replace(feeBody(pick(g, "0", "-1", "1.001", "1e2", `"x"`, "true", "{}", "null")), from, to, g.IntN(2)))
	case 4:
		s := g.wire("POST "+feeRoute, fee(known, g.feeOf(known)), pay+"1", "")
		s.headers[pick(g, "if-match", "idempotency-key")] = pick(g, strings.Repeat(`"k`, 200), "\x00", "ü", "\xff")
		return s
	default:
		return g.wire("POST "+pick(g, feeRoute, allFeeRoute), fee(known, g.feeOf(known)), operation, "")
	}
}

package api

import (
	"fmt"
	"strings"
)

const (
	loansRoute = "/almaws/v1/users/{user_id}/loans"
	loanRoute  = "/almaws/v1/users/{user_id}/loans/{loan_id}"
	loanPost   = "/almaws/v1/users/{user_id}/loans/{loan_id+}"
	itemsRoute = "/almaws/v1/items"
	itemRoute  = "/almaws/v1/bibs/{mms_id}/holdings/{holding_id}/items/{item_pid}"
)

func loan(id, loanID string) map[string]string {
	return map[string]string{"user_id": id, "loan_id": loanID}
}

func itemAt(mms, id string) map[string]string {
	return map[string]string{"mms_id": mms, "holding_id": "22" + id, "item_pid": id}
}

// loanOf is the loan of that user.
func (g *generator) loanOf(known string) string {
	for i, id := range g.users {
		if id == known {
			return g.loans[i]
		}
	}
	return "1"
}

// badLoan is a request about loans and items that must be refused. Each user has one loan, of l0 to l3.
func (g *generator) badLoan(known string) sent {
	bad, scan := pick(g, odd...), "op=scan&library=MAIN&circ_desk=DEFAULT_CIRC_DESK&"
	switch g.IntN(8) {
	case 0:
		return g.wire("GET "+loansRoute, user(known), pick(g, "loan_status=", "order_by=", "direction=", "limit=", "offset=")+pick(g, "x", "-1", "Lost", "%00", "1e3", "%FF"), "")
	case 1:
		return g.wire("POST "+loansRoute, user(pick(g, known, bad)), pick(g, "", "item_barcode=", "item_pid=", "item_barcode=l1", "item_pid=91&override_blocks=true", "item_barcode=%00", "item_pid=%FF", "item_pid="+strings.Repeat("9", 3000)), atMain)
	case 2:
		from, to := pick(g, `"library":`, `"MAIN"`, `{"value":"MAIN"}`, `"DEFAULT_CIRC_DESK"`), pick(g, `"x":`, `"MOON"`, "null", "[]", `""`, `"\u0000"`)
		return g.wire("POST "+loansRoute, user(known), "item_barcode=l1", pick(g, g.noJSON(atMain), strings.Replace(atMain, from, to, 1)))
	case 3:
		return g.wire(pick(g, "GET "+loanRoute, "POST "+loanPost, "PUT "+loanRoute), loan(known, bad), "op=renew", due("2099-01-02"))
	case 4:
		return g.wire("POST "+loanPost, loan(known, pick(g, g.loanOf(known), "all")), pick(g, "", "op=", "op=eat", "op=%00", "op=RENEW"), "")
	case 5:
		body := pick(g, due("2001-01-01"), due("2001-02-30"), due("soon"), due(""), `{}`, `{"due_date":[]}`, fmt.Sprintf(`{"due_date":%q,"x":1}`, "2099-01-01"), g.noJSON(due("2099-01-01")))
		return g.wire("PUT "+loanRoute, loan(known, g.loanOf(known)), "", body)
	case 6:
		query := pick(g, "item_barcode=l1", "item_barcode=l1&op=scan", "op=scan&item_barcode=l1&library=MOON&circ_desk=x", "op=scan&item_barcode=%FF&library=MAIN&circ_desk=x",
			scan+"item_barcode=l1&return_date="+pick(g, "x", "2999-01-01T00:00:00Z", "2001-01-01T00:00:00Z", "%00"))
		if g.IntN(2) == 0 {
			return g.wire("POST "+itemRoute, itemAt("90", "91"), query, "")
		}
		return g.wire("POST "+itemsRoute, nil, pick(g, query, "", scan, scan+"item_barcode=nosuch"), "")
	default:
		return g.wire(pick(g, "GET ", "POST ")+itemRoute, itemAt(pick(g, "90", bad), bad), scan, "")
	}
}

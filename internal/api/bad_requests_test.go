package api

import (
	"fmt"
	"maps"
	"net/url"
	"strings"
)

const (
	usersRoute     = "/almaws/v1/users"
	userRoute      = "/almaws/v1/users/{user_id}"
	requestsRoute  = "/almaws/v1/users/{user_id}/requests"
	requestRoute   = "/almaws/v1/users/{user_id}/requests/{request_id}"
	lettersRoute   = "/almaws/v1/users/{user_id}/letters"
	tableRoute     = "/almaws/v1/conf/code-tables/{name}"
	instancesRoute = "/almaws/v1/conf/jobs/{job_id}/instances"
	instanceRoute  = instancesRoute + "/{instance_id}"
)

// wire is a request with the key of all rights, in JSON both ways or in XML.
func (g *generator) wire(route string, params map[string]string, query, body string) sent {
	s := sent{route: route, params: params, query: query, body: body, headers: map[string]string{"authorization": "apikey " + allRights}}
	if g.IntN(3) > 0 {
		s.headers["accept"] = "application/json"
	}
	if body != "" {
		s.headers["content-type"] = "application/json"
	}
	return s
}

func user(id string) map[string]string { return map[string]string{"user_id": id} }

func request(id, requestID string) map[string]string {
	return map[string]string{"user_id": id, "request_id": requestID}
}

// refused is a request that must be refused.
func (g *generator) refused() sent {
	known := pick(g, g.users...)
	switch g.IntN(10) {
	case 0, 1, 2:
		return g.badBody(known)
	case 3:
		return g.badUser(known)
	case 4:
		return g.badParameter(known)
	case 5:
		return g.badPlace()
	case 6:
		return g.badHeader(known)
	case 7:
		return g.badFee(known)
	case 8:
		return g.badLoan(known)
	default:
		return g.badRequestObject(known)
	}
}

// badBody is a body that cannot be read, of any route that takes one.
func (g *generator) badBody(known string) sent {
	s := g.wire(pick(g, "POST "+usersRoute, "PUT "+userRoute), user(known), "", g.noJSON(pick(g, g.userJSON, person(g.newID()))))
	switch g.IntN(5) {
	case 0:
		s = g.wire(pick(g, "POST "+requestsRoute, "PUT "+requestRoute), request(known, pick(g, g.requests...)), "mms_id=99", g.noJSON(holdAtMain))
	case 1:
		s = g.wire("POST "+lettersRoute, user(known), "", g.noJSON(`{"code":"FulRequestsReportLetter"}`))
	case 2:
		s.body = g.noXML(g.userXML)
		s.headers["content-type"] = pick(g, "application/xml", "text/xml; charset=utf-8", "application/xml;charset=UTF-8")
	case 3:
		s.body = person(g.newID())
		s.headers["content-type"] = pick(g, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "multipart/form-data",
			"application/octet-stream", ";;", "application/xml", "json", "application/json; charset=latin1", "\x00", strings.Repeat("a", 9000))
	}
	return s
}

// badUser is a user object that can be read and is no legal record.
func (g *generator) badUser(known string) sent {
	route, body := pick(g, "POST "+usersRoute, "PUT "+userRoute), person(g.newID(), g.wrongField())
	if g.IntN(3) == 0 {
		body = pick(g, strings.NewReplacer(`"01"`, `"77"`), strings.NewReplacer("PUBLIC", "ROBOT"), strings.NewReplacer("INTERNAL", "GUEST"),
			strings.NewReplacer("INTERNAL", "INTEXTAUTH"), strings.NewReplacer("INTERNAL", "EXTERNAL"), strings.NewReplacer("PUBLIC", "STAFF")).Replace(person(g.newID()))
	}
	return g.wire(route, user(known), "", body)
}

// badParameter is a value of the query that means nothing.
func (g *generator) badParameter(known string) sent {
	number := pick(g, "-1", "101", "1e3", "ten", "9999999999999999999999", "0x10", "1.5", "NaN", "٣", "%00")
	some := pick(g, g.requests...)
	switch g.IntN(9) {
	case 0:
		return g.wire("GET "+usersRoute, nil, "limit="+number, "")
	case 1:
		return g.wire("GET "+usersRoute, nil, pick(g, "order_by=shoe_size", "order_by=%00", "q=nothing", "q=shoe_size~42", "q=~", "q=last_name~", "q=%FF~x",
			"modify_date_from=2001-02-30", "modify_date_from=x", "q=last_name~x&modify_date_from=2001-02-03", "offset=-1", "offset=99999999999999999999", "source_user_id=x", "source_institution_code=x"), "")
	case 2:
		return g.wire("GET "+pick(g, requestsRoute, lettersRoute), user(known), "limit="+number, "")
	case 3:
		return g.wire("GET "+requestsRoute, user(known), pick(g, "status=", "request_type=")+pick(g, "open", "%00", "HOLDS", "x"), "")
	case 4:
		return g.wire("GET "+userRoute, user(known), "user_id_type="+pick(g, "NOSUCH", "%00", "01", url.QueryEscape(strings.Repeat("x", 3000))), "")
	case 5:
		return g.wire("DELETE "+requestRoute, request(known, some), pick(g, "", "reason=", "reason=Boredom", "reason=%00", "reason=CannotBeFulfilled&note="+strings.Repeat("n", 2001)), "")
	case 6:
		return g.wire("POST "+requestRoute, request(known, some), pick(g, "", "op=", "op=back", "op=%00", "op=next_step"), "")
	case 7:
		return g.wire("POST "+userRoute, user(known), pick(g, "op=dance", "op=refresh", "op=auth", "op=auth&password=", "op=AUTH", "op=%00", "op=auth&password="+strings.Repeat("p", 1001)), "")
	default:
		return g.wire("PUT "+userRoute, user(known), pick(g, "override=shoe_size", "override=user_group,x", "recalculate_roles=true", "send_pin_number_letter=true", "registration_rules=true"), person(known))
	}
}

// badPlace names nobody and nothing.
func (g *generator) badPlace() sent {
	id, known := pick(g, odd...), pick(g, g.users...)
	switch g.IntN(10) {
	case 0:
		return g.wire(pick(g, "GET ", "DELETE ")+userRoute, user(id), "", "")
	case 1:
		return g.wire("PUT "+userRoute, user(id), "", person(g.newID()))
	case 2:
		return g.wire("GET "+pick(g, requestsRoute, lettersRoute), user(id), "", "")
	case 3:
		return g.wire("POST "+requestsRoute, user(id), "mms_id=99", holdAtMain)
	case 4:
		return g.wire("GET "+requestRoute, request(known, id), "", "")
	case 5:
		return g.wire("DELETE "+requestRoute, request(pick(g, id, known), id), "reason=CannotBeFulfilled", "")
	case 6:
		return g.wire("GET "+tableRoute, map[string]string{"name": id}, "", "")
	case 7:
		return g.wire(pick(g, "GET "+instanceRoute, "POST "+instanceRoute, "GET "+instanceRoute+"/report", "GET "+instanceRoute+"/rejected"),
			map[string]string{"job_id": pick(g, id, "REGISTRAR", "items"), "instance_id": pick(g, odd...)}, pick(g, "", "op=release", "op=run", "op=%00"), "")
	case 8:
		return g.wire("POST "+instancesRoute, map[string]string{"job_id": pick(g, id, "REGISTRAR", "items", "hold-shelf")},
			pick(g, "", "op=upload&", "op=release&")+"file_name="+url.QueryEscape(id)+pick(g, "", "&dry_run=true", "&done=x"), pick(g, "", "{}", `{"done":"x"}`))
	default:
		return g.wire("POST "+lettersRoute, user(id), pick(g, "", "op=preview"), `{"code":"FulRequestsReportLetter"}`)
	}
}

// badHeader is a precondition nothing meets, or a key of a letter that is none.
func (g *generator) badHeader(known string) sent {
	stale := pick(g, `"x"`, "x", `W/"x"`, ",", `"", ""`, `"*"`, "**", "\x00", strings.Repeat(`"a",`, 2000), `"-1"`, "\xff")
	s := g.wire("PUT "+userRoute, user(known), "", person(known))
	switch g.IntN(4) {
	case 0:
		s = g.wire("DELETE "+userRoute, user(known), "", "")
	case 1:
		s = g.wire("PUT "+requestRoute, request(known, g.requestOf(known)), "", holdAtMain)
	case 2:
		s = g.wire("POST "+lettersRoute, user(known), "", `{"code":"FulRequestsReportLetter"}`)
		s.headers["idempotency-key"] = pick(g, strings.Repeat("k", 256), "\x00", "a\tb", "ü", "\xff", "a\r\nb")
		return s
	}
	s.headers["if-match"] = stale
	return s
}

// requestOf is the request of that user.
func (g *generator) requestOf(known string) string {
	for i, id := range g.users {
		if id == known {
			return g.requests[i]
		}
	}
	return "1"
}

// badRequestObject is a request or letter that can be read and not be had.
func (g *generator) badRequestObject(known string) sent {
	pickup := `"pickup_location_type":"LIBRARY","pickup_location_library":"MAIN"`
	switch g.IntN(4) {
	case 0:
		return g.wire("POST "+requestsRoute, user(known), pick(g, "", "mms_id=", "mms_id=98", "item_pid=nosuch", "item_pid=%00", "item_pid=1&mms_id=98", "mms_id="+strings.Repeat("9", 3000), "mms_id=%FF"), holdAtMain)
	case 1:
		body := pick(g, `{}`, `{"request_type":"HOLD"}`, `{"request_type":"WISH",`+pickup+`}`, `{"request_type":"HOLD","pickup_location_type":"MOON","pickup_location_library":"MAIN"}`,
			`{"request_type":"HOLD","pickup_location_type":"LIBRARY","pickup_location_library":"\u0000"}`, `{"request_type":"BOOKING",`+pickup+`}`,
			`{"request_type":"HOLD","last_interest_date":"2001-02-30",`+pickup+`}`, `{"request_type":["HOLD"]}`, `{"request_type":"HOLD","description":"v.9",`+pickup+`}`,
			`{"request_type":"HOLD","comment":"`+strings.Repeat("c", 400_000)+`",`+pickup+`,"x":1}`)
		return g.wire("POST "+requestsRoute, user(known), "mms_id=99", body)
	case 2:
		return g.wire("POST "+lettersRoute, user(known), pick(g, "", "op=preview"), pick(g, `{}`, `{"code":""}`, `{"code":"NoSuchLetter"}`, `{"code":"\u0000"}`, `{"code":{"value":1}}`,
			fmt.Sprintf(`{"code":%q}`, strings.Repeat("L", 5000))))
	default:
		return g.wire("POST "+lettersRoute, user(known), "op="+pick(g, "burn", "SEND", "%00"), `{"code":"FulRequestsReportLetter"}`)
	}
}

// anything is a request that may be good: known and unknown names, good bodies and bad ones, in any order.
func (g *generator) anything(routes []string) sent {
	id := pick(g, pick(g, g.users...), pick(g, odd...), "ME", g.newID())
	params := map[string]string{"user_id": id, "request_id": pick(g, pick(g, g.requests...), pick(g, odd...)), "fee_id": pick(g, pick(g, g.fees...), pick(g, odd...)),
		"loan_id": pick(g, pick(g, g.loans...), "all", pick(g, odd...)), "mms_id": pick(g, "99", "90", pick(g, odd...)), "holding_id": pick(g, "221", "x"),
		"item_pid": pick(g, "1", "90", "91", pick(g, odd...)), "name": pick(g, "UserGroups", "CountryCodes", pick(g, odd...))}
	s := g.wire(pick(g, routes...), params, g.anyQuery(), g.anyBody(id))
	if strings.HasPrefix(s.body, "<") {
		s.headers["content-type"] = "application/xml"
	}
	maps.Copy(s.headers, g.anyHeaders())
	if strings.HasPrefix(s.route, "GET") {
		s.body = ""
	}
	return s
}

func (g *generator) anyBody(id string) string {
	switch g.IntN(10) {
	case 0, 1:
		return strings.Replace(g.userJSON, "PRIMARY", pick(g, id, g.newID()), 1)
	case 2:
		return person(pick(g, g.newID(), pick(g, odd[:20]...)))
	case 3, 4:
		return holdAtMain
	case 5:
		return pick(g, `{"code":"FulRequestsReportLetter"}`, feeBody("0.05"), atMain, atScience, due("2099-01-02"))
	case 6:
		return g.mutated(strings.Replace(g.userJSON, "PRIMARY", g.newID(), 1))
	case 7:
		return strings.Replace(g.userXML, "PRIMARY", g.newID(), 1)
	case 8:
		return g.noXML(g.userXML)
	default:
		return g.noJSON(person(g.newID()))
	}
}

// mutated is the text with some values replaced.
func (g *generator) mutated(text string) string {
	for range 1 + g.IntN(3) {
		parts := strings.Split(text, ":")
		at := 1 + g.IntN(len(parts)-1)
		if end := strings.IndexAny(parts[at], ",}]"); end >= 0 {
			value := pick(g, "null", `""`, "true", "-0", "1e308", "1e400", "[]", "{}", `"\u0000"`, `"\ud800"`, `" x "`, `"`+strings.Repeat("é", 2000)+`"`, `{"value":"x"}`, "[null]")
			parts[at] = value + parts[at][end:]
		}
		text = strings.Join(parts, ":")
	}
	return text
}

func (g *generator) anyQuery() string {
	var pairs []string
	for range g.IntN(4) {
		name := pick(g, "limit", "offset", "q", "order_by", "expand", "view", "user_id_type", "op", "reason", "note", "notify_user", "mms_id", "item_pid",
			"status", "request_type", "override", "format", "lang", "allow_same_request", "modify_date_from", "amount", "method",
			"item_barcode", "loan_status", "direction", "library", "circ_desk", "return_date", "override_blocks", "x", "%")
		value := pick(g, "10", "5", "99", "1", "true", "false", "json", "xml", "brief", "full", "loans,requests,fees", "BARCODE", "all_unique", "next_step", "preview",
			"CannotBeFulfilled", "GOODWILL", "pay", "waive", "dispute", "restore", "0.01", "ALL", "CASH", "b1", "l1", "scan", "renew", "lost", "found", "Active", "Complete", "DESC", "renewable", "MAIN", "DEFAULT_CIRC_DESK", "history", "HOLD", "de", "last_name~byron", "last_name~a+AND+first_name~ada", "2020-01-01", g.escaped())
		pairs = append(pairs, name+"="+value)
	}
	return strings.Join(pairs, pick(g, "&", "&", "&", "&&", ";"))
}

func (g *generator) anyHeaders() map[string]string {
	h := map[string]string{}
	for range g.IntN(3) {
		name := pick(g, "accept", "content-type", "if-match", "idempotency-key", "x-forwarded-proto", "host", "accept-language", "range", "expect", "x-http-method-override", "cookie", "\x00")
		h[name] = pick(g, "application/json", "application/xml", "*/*", "text/html;q=0.1, application/json;q=x", "", "*", `"x"`, "k1", "evil.example", "https", "bytes=0-1", "100-continue",
			strings.Repeat("h", 8000), "\xff\x00", "a\r\nx-y: z", ";;;,,,===")
	}
	return h
}

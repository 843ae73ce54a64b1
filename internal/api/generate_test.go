package api

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
)

// generator makes requests at random; a seed makes a run repeatable.
type generator struct {
	*rand.Rand
	users, requests []string // identifiers and request ids that exist
	fees            []string // ids of fees, and all for every one of them
	loans           []string // ids of loans, one of each user
	userJSON        string   // of a record with every field
	userXML         string
	n               int
}

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

// odd are identifiers nobody has.
var odd = []string{
	"/", "a/b", "..", ".", "../../etc/passwd", "a?b", "a+b", "a b", " ", "\t", "%2F", "%00", "\x00", "a\x00b", "\xff\xfe", "\xc0\xaf", "\r\nX-Y: z",
	"a#b", "a;b", "a&b=c", "a\\b", "U#01JD", "I#ada", "B#1", "null", "true", "0", "-1", "1e400", "😀", "\u202e", "\ufeff", "e\u0301", "'; DROP TABLE users; --",
	"<script>", "${jndi:ldap://x}", "{user_id}", "operation", "test", "users", strings.Repeat("x", 1021), strings.Repeat("ä", 3000), strings.Repeat("9", 40),
}

// deep is more levels than any object has.
const deep = 20000

// noJSON are bodies that are no JSON object of any kind we read, whatever is asked.
func (g *generator) noJSON(valid string) string {
	at := g.IntN(len(valid))
	switch g.IntN(16) {
	case 0, 1, 2:
		return valid[:at]
	case 3, 4:
		return valid[:at] + pick(g, "\xff", "\xc3(", "\xed\xa0\x80", "\xf5\x80\x80\x80") + valid[at:]
	case 5, 6:
		return valid[:at] + string(rune(g.IntN(9))) + valid[at:]
	case 7:
		return valid + pick(g, "{}", "x", "]", "\x00", ",", valid)
	case 8:
		return strings.Replace(valid, "{", fmt.Sprintf(`{"shoe_size_%d":42,`, g.IntN(99)), 1)
	case 9:
		return pick(g, "["+valid+"]", `"text"`, "42", "null", "true", "[]", "-", "{", "}", `{"a"}`, "{'a':1}", "{a:1}", `{"primary_id":}`, "NaN", "1e999999")
	case 10:
		return strings.Repeat(pick(g, `{"a":`, `[`, `{"user_role":[`), deep)
	case 11:
		return utf16(valid)
	case 12:
		return pick(g, "<user/>", "<user><primary_id>x</primary_id></user>", "", " ", "\n\n", "--\r\n", "primary_id=x")
	case 13:
		return strings.Replace(valid, ":", pick(g, "", "=", "::", ":,"), 1)
	case 14:
		return strings.Replace(valid, `"`, pick(g, "'", "", "\u201c", "`"), 1)
	default:
		if g.IntN(10) == 0 {
			return valid + strings.Repeat(" ", 1<<20)
		}
		return `{"` + strings.Repeat("a", 1+g.IntN(5000)) + `":1}`
	}
}

func utf16(text string) string {
	var b strings.Builder
	for _, c := range text {
		b.WriteString("\x00" + string(c))
	}
	return b.String()
}

// noXML are bodies that are no XML object of any kind we read.
func (g *generator) noXML(valid string) string {
	at := g.IntN(len(valid) - 1)
	end := strings.LastIndex(valid, "</")
	doctype := func(dtd, text string) string {
		return `<?xml version="1.0"?><!DOCTYPE user [` + dtd + `]><user><last_name>` + text + `</last_name></user>`
	}
	switch g.IntN(14) {
	case 0, 1, 2:
		return valid[:min(at, end)]
	case 3:
		return valid[:end] + "\xff" + valid[end:]
	case 4:
		return valid[:end] + pick(g, "\x00", "\x01", "\x08", "&nosuch;", "&#0;", "&#xFFFFFFFF;", "<", "</x>", "<x", "<a></b>", "&", "<![CDATA[") + valid[end:]
	case 5:
		return doctype(`<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">`, "&d;")
	case 6:
		return doctype(`<!ENTITY x SYSTEM "file:///etc/passwd">`, "&x;")
	case 7:
		return doctype(`<!ENTITY % p SYSTEM "http://127.0.0.1:1/x.dtd"> %p;`, "x")
	case 8:
		return pick(g, `<!DOCTYPE user SYSTEM "http://127.0.0.1:1/x.dtd">`, "<!DOCTYPE user>") + `<user><last_name>x</last_name></user>`
	case 9:
		return strings.Repeat("<user>", deep) + strings.Repeat("</user>", g.IntN(deep))
	case 10:
		return valid[:end] + "<shoe_size>42</shoe_size>" + valid[end:]
	case 11:
		return valid + pick(g, valid, "<user/>", "x", "{}")
	case 12:
		return pick(g, "<nothing/>", "<users/>", "<html><body>x</body></html>", "<user", "<>", "", "{}", "<?xml?>", "<!-- x -->")
	default:
		return `<?xml version="1.0" encoding="UTF-16"?>` + strings.TrimPrefix(valid[strings.Index(valid, "<")+1:], "?xml")
	}
}

// wrongField is a member of a user object that no record can have.
func (g *generator) wrongField() string {
	code := pick(g, "gender", "user_title", "preferred_language", "campus_code", "job_category", "record_type", "status", "user_group", "account_type")
	date := pick(g, "birth_date", "expiry_date", "purge_date")
	text := pick(g, "first_name", "last_name", "web_site_url", "primary_id", "pref_first_name", "job_description")
	list := pick(g, "user_identifier", "user_role", "user_block", "user_note", "user_statistic", "proxy_for_user", "rs_library")
	switch g.IntN(8) {
	case 0, 1:
		return fmt.Sprintf(`%q:{"value":%q}`, pick(g, "gender", "preferred_language", "record_type", "status", "user_group", "account_type"),
			pick(g, "NO SUCH", "💥", "\u0000", "-1", strings.Repeat("z", 3000)))
	case 2, 3:
		return fmt.Sprintf(`%q:%q`, date, pick(g, "2001-02-29", "2001-02-29Z", "2001-13-01Z", "0000-00-00", "99999-01-01Z", "yesterday", "2001-2-3", "12/31/2001", "-2001-01-01"))
	case 4:
		return fmt.Sprintf(`%q:%s`, text, pick(g, `{"a":1}`, `[1]`, `[[]]`, `{"value":"x","desc":"y","z":1}`))
	case 5:
		return fmt.Sprintf(`%q:%s`, list, pick(g, `"x"`, `42`, `[42]`, `["x"]`, `[[[]]]`, `{"a":1}`, `[{"nothing":1}]`))
	case 6:
		return fmt.Sprintf(`%q:%s`, code, pick(g, `[1]`, `{"value":{"value":"x"}}`, `{"value":[1]}`, `{"code":"x"}`))
	default:
		return pick(g,
			`"user_identifier":[{"id_type":{"value":"BARCODE"},"value":"D1"},{"id_type":{"value":"BARCODE"},"value":"d1"}]`,
			`"user_identifier":[{"id_type":{"value":"BARCODE"},"value":"TAKEN"}]`,
			`"user_identifier":[{"id_type":{"value":"NOSUCH"},"value":"D2"}]`,
			`"user_identifier":[{"value":"D3"}]`, `"user_identifier":[{"id_type":{"value":"BARCODE"}}]`,
			`"contact_info":{"email":[{"email_address":"no address","email_type":[{"value":"work"}]}]}`,
			`"contact_info":{"email":[{"email_address":"a@b.example","email_type":[{"value":"nosuch"}]}]}`,
			`"contact_info":{"address":[{"preferred":"perhaps","line1":"x"}]}`, `"contact_info":42`,
			`"user_block":[{"block_description":{"value":"NOSUCH"}}]`, `"user_note":[{"note_type":{"value":"NOSUCH"},"note_text":"x"}]`,
			`"password":"short"`, `"pin_number":"12a4"`, `"external_id":"x"`)
	}
}

// newID is a primary id nobody has yet.
func (g *generator) newID() string {
	g.n++
	return fmt.Sprintf("g%d.%d", g.n, g.Uint32())
}

// escaped is an odd text for a query, escaped or not quite.
func (g *generator) escaped() string {
	return pick(g, url.QueryEscape(pick(g, odd...)), "%", "%zz", "%FF", "%00", "a=b", "+", url.QueryEscape(strings.Repeat("ü", 400)))
}

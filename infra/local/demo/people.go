package demo

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"patrondesk/internal/patron"
)

// people are all patrons: those of the story, one for each role, one for each thing that can be odd about a record, and
// a crowd.
func people(tables describer) []patron.Patron {
	c := &cast{codes: codes{tables}, uids: newUIDs()}
	story(c)
	deskStaff(c)
	oddities(c)
	vendors(c)
	crowd(c, 200)
	return c.all
}

func story(c *cast) {
	c.add(Thomas, "Thomas", "Reed", title("Mr"), gender("MALE"), group("05"), born("1988-03-14"), barcode(ThomasBarcode),
		identifier("OTHER_ID_1", "GUEST-0417"),
		email("thomas.reed@post.example", "personal"), email(person("t.reed"), "work"),
		address("home", "London", "N1 7QP", "GBR", "14 Lantern Quay", "Flat 3"), phone("+44 20 7946 0417", "mobile"),
		borrower, note("GENERAL", "Prefers to be called about long waits.", false, false),
		func(r *record) { r.PasswordHash, r.PINHash = thomasPassword, thomasPIN })
	c.add(Maria, "Maria", "Lindqvist", external, title("Ms"), gender("FEMALE"), group("02"), born("2001-11-02"),
		barcode(MariaBarcode), identifier("INST_ID", "S2240118"),
		email(person(Maria), "school"), address("home", "Leeds", "LS2 3AB", "GBR", "27 Mill Road"),
		phone("+44 113 496 0118", "mobile"), borrower)
	c.add("aisha.khan", "Aisha", "Khan", external, group("03"), title("Dr"), barcode("2100000033"), identifier("INST_ID", "F1180042"),
		email(person("aisha.khan"), "work"), address("work", "London", "WC1X 0AA", "GBR", "Department of History", "1 Library Square"), borrower)
}

// Bcrypt hashes of [ThomasPassword] and of the PIN 4170.
const (
	thomasPassword = "$2a$10$mOKj5HYGMdXEGG1c73Kq.uDCeTZpD6tRBwAPVJMuGKslP/oftyA5."
	thomasPIN      = "$2a$10$iwChC2M4vnlPfx5qeYYm6ei8OQHQGZjIWSU.WoXfnpWxxhUp1JFbW"
)

// deskStaff are one member of staff for each role, at home in the main library where a role belongs to a desk, those
// whose role is over in one way or another, and those who read other languages.
func deskStaff(c *cast) {
	atDesk := func(kind string) change { return role(kind, "MAIN", "DEFAULT_CIRC_DESK") }
	for i, s := range []struct {
		id, first, last string
		role            change
	}{
		{Operator, "Ines", "Calloway", atDesk("32")},
		{"circ.manager", "Bernard", "Achebe", atDesk("221")},
		{"circ.limited", "Yuki", "Sandoval", atDesk("299")},
		{"requests.operator", "Sophie", "Lindgren", role("51", "MAIN", "")},
		{"user.manager", "Dmitri", "Vale", role("21", "", "")},
		{"user.administrator", "Rosalind", "Okoro", role("50", "", "")},
		{"system.administrator", "Hugh", "Palander", role("26", "", "")},
		{"fulfillment.administrator", "Celeste", "Warburton", role("52", "", "")},
		{"fulfillment.manager", "Anders", "Mbeki", role("215", "", "")},
		{"workorder.operator", "Tova", "Rahimi", role("214", "MAIN", "")},
		{"cataloger", "Percival", "Quist", role("204", "", "")},
		{"reserves.manager", "Odile", "Fontenoy", role("231", "MAIN", "RESERVES")},
		{"sharing.manager", "Matteo", "Grieg", role("239", "MAIN", "")},
		{"printout.manager", "Zsófia", "Barlow", role("428", "MAIN", "")},
		{"science.operator", "Malik", "Trevanion", role("32", "SCIENCE", "SCI_CIRC")},
	} {
		c.add(s.id, s.first, s.last, staff, barcode(number("21000002%02d", 10+i)), identifier("04", number("E%05d", 40100+i)),
			email(person(s.id), "work"), address("work", "London", "WC1X 0AA", "GBR", "Library", "1 Library Square"), borrower, s.role)
	}
	c.add("retired.operator", "Winifred", "Stroud", staff, barcode("2100000298"), email(person("retired.operator"), "work"), borrower,
		atDesk("32"), lastRole("ACTIVE", "2025-06-30"))
	c.add("former.operator", "Ruben", "Castell", staff, barcode("2100000299"), email(person("former.operator"), "work"), borrower,
		atDesk("32"), lastRole("INACTIVE", ""))
	c.add("left.manager", "Greta", "Holm", staff, barcode("2100000300"), email(person("left.manager"), "work"), inactive("2026-01-31"),
		atDesk("221"))
	c.add("student.operator", "Jonah", "Adeyemi", external, group("01"), barcode("2100000301"), identifier("INST_ID", "S2260777"),
		email(person("student.operator"), "school"), borrower, atDesk("32"))
	c.add("german.operator", "Annegret", "Falk", staff, language("de"), barcode("2100000303"), email(person("german.operator"), "work"), borrower,
		atDesk("32"))
	c.add("french.operator", "Clémence", "Rivoire", staff, language("fr"), barcode("2100000304"), email(person("french.operator"), "work"), borrower,
		atDesk("32"))
	c.add("public.manager", "Eleanor", "Vance", group("08"), barcode("2100000302"), email(person("public.manager"), "work"), borrower,
		atDesk("221"))
}

// oddities are one patron for each thing that can be odd about a record.
func oddities(c *cast) {
	home := address("home", "London", "E8 3RL", "GBR", "5 Harbour View")
	c.add("ole.nordahl", "Ole", "Nordahl", group("01"), barcode("2100000400"), language("no"), email("ole.nordahl@post.example", "personal"), home, borrower)
	c.add("edith.penrose", "Edith", "Penrose", group("05"), barcode("2100000401"), home, borrower,
		note("CIRCULATION", "Has no e-mail; write to the postal address.", true, false))
	c.add("ivor.blake", "Ivor", "Blake", group("01"), barcode("2100000402"), email("ivor@post.example", "personal"),
		email("ivor.blake@work.example", "work"), unpreferred, borrower)
	c.add("lotte.baumann", "Lotte", "Baumann", group("02"), barcode("2100000403"), language("de"), email("lotte.baumann@post.example", "personal"), optsOut, borrower)
	c.add("camille.noel", "Camille", "Noël", group("02"), barcode("2100000404"), language("fr"), email("camille.noel@post.example", "personal"), home, borrower)
	c.add("jurgen.muller", "Jürgen", "Müller", group("03"), barcode("2100000405"), language("de"), title("Prof"), email("j.mueller@post.example", "work"), borrower)
	c.add("samir.haddad", "Samir", "Haddad", group("01"), barcode("2100000406"), email("samir.haddad@post.example", "personal"), borrower,
		expires("2026-06-30", "2027-06-30"))
	c.add("petra.lang", "Petra", "Lang", group("01"), barcode("2100000407"), email("petra.lang@post.example", "personal"), borrower,
		block("USER", "02-GLOBAL", patron.Active, "Two books returned wet."))
	c.add("noor.aziz", "Noor", "Aziz", group("01"), barcode("2100000408"), email("noor.aziz@post.example", "personal"), borrower,
		block("CASH", "04-CASH", patron.Active, ""), block("LOAN", "03-LOAN", patron.Inactive, "Settled in May."))
	c.add("wilma.grant", "Wilma", "Grant", group("10"), barcode("2100000409"), email("wilma.grant@post.example", "personal"), inactive("2026-02-01"), borrower)
	c.add("alexandra.stone", "Alexandra", "Stone", group("02"), barcode("2100000410"), called("Sasha", "Stone"), email("sasha.stone@post.example", "personal"), borrower)
	c.add("robin.fairweather", "Robert", "Fairweather", external, group("01"), barcode("2100000411"), called("Robin", ""), identifier("INST_ID", "S2250411"),
		email(person("robin.fairweather"), "school"), borrower)
	c.add("clara.venn", "Clara", "Venn", group("02"), barcode("2100000412"), lost("2100000413", "Card lost in 2025."), lost("2100000414", ""),
		email("clara.venn@post.example", "personal"), borrower)
	c.add("otto.brandt", "Otto", "Brandt", group("05"), email("otto.brandt@post.example", "personal"), borrower) // without a barcode
	c.add("sean.o-brien", "Seán", "O'Brien", group("01"), barcode("2100000415"), email("sean.obrien@post.example", "personal"), borrower)
	c.add("li.xiaoming", "小明", "李", group("02"), barcode("2100000416"), language("zh"), email("li.xiaoming@post.example", "personal"), borrower)
	c.add("tanaka.yoko", "陽子", "田中", group("02"), barcode("2100000417"), language("ja"), called("Yoko", "Tanaka"), email("tanaka.yoko@post.example", "personal"), borrower)
	c.add("layla.mansour", "ليلى", "منصور", group("01"), barcode("2100000418"), language("ar"), email("layla.mansour@post.example", "personal"), borrower)
	c.add("noa.levi", "נועה", "לוי", group("01"), barcode("2100000419"), language("he"), email("noa.levi@post.example", "personal"), borrower)
	c.add("perpetua", "", "Perpetua", group("05"), barcode("2100000420"), email("perpetua@post.example", "personal"), borrower)
	c.add("maximiliana.von-und-zu", "Maximiliana Theodora Wilhelmine Charlotte Auguste Friederike", "von und zu Hohenfels-Lindenburg-Sonderberg auf Altenstein und Weißenbrunn",
		middle("Sophie Leopoldine Adelgunde Amalie Karoline"), group("10"), barcode("2100000421"), language("de"),
		email("maximiliana@post.example", "personal"), borrower)
	c.add("paula.proxy", "Paula", "Ferris", group("02"), barcode("2100000422"), email("paula.ferris@post.example", "personal"), borrower,
		proxyFor("aisha.khan", "Aisha Khan"), proxyFor("jurgen.muller", "Jürgen Müller"))
	c.add("nils.notes", "Nils", "Arden", group("01"), barcode("2100000423"), email("nils.arden@post.example", "personal"), borrower,
		note("LIBRARY", "Left an umbrella at the desk.", true, true), note("ADDRESS", "Moves often; ask for the address.", true, false),
		note("GENERAL", "Speaks Danish.", false, true), statistic("DEPT-BIO", "Biology"), statistic("COMMUTER", ""))
	c.add("UPPER.CASE@demo.example", "Ursula", "Caspar", group("05"), barcode("2100000424"), email("upper.case@demo.example", "personal"), borrower)
	c.add("freya.nilsson", "Freya", "Nilsson", external, group("01"), barcode("2100000425"), identifier("INST_ID", "S2250425"),
		email(person("freya.nilsson"), "school"), borrower)
	byHand(&c.all[len(c.all)-1], c.codes)
}

// byHand makes the patron one whose user group staff changed by hand, and who gave the desk a second address.
func byHand(p *patron.Patron, c codes) {
	p.UserGroup = c.of("UserGroups", "02")
	p.Manual = map[string]patron.Change{"user_group": {By: "desk", At: made}}
	p.Addresses = append(p.Addresses, patron.Address{
		Preferred: true, Segment: patron.InternalSegment, Lines: []string{"88 Elm Terrace"}, City: "Norwich", PostalCode: "NR4 6QQ",
		Country: c.of("CountryCodes", "GBR"), Types: []patron.Code{c.of("AddressTypes", "home")},
	})
}

func vendors(c *cast) {
	for _, v := range []struct{ id, first, last, vendor, account string }{
		{"vendor.lehmann", "Karla", "Lehmann", "LEHMANN", "LEHMANN-STD"},
		{"vendor.lehmann.approvals", "Tobias", "Lehmann", "LEHMANN", "LEHMANN-APP"},
		{"vendor.nordpress", "Astrid", "Vik", "NORDPRESS", "NORDPRESS-1"},
		{"vendor.nordpress.sales", "Erling", "Moe", "NORDPRESS", ""},
	} {
		c.add(v.id, v.first, v.last, contact(v.vendor, v.account), email(v.id+"@vendors.example", "work"),
			address("work", "Hamburg", "20095", "DEU", "Speicherstraße 9"), phone("+49 40 5550 0"+number("%02d", len(v.id)), "office"))
	}
}

// crowd adds patrons until there are as many as asked for, every second one external.
func crowd(c *cast, total int) {
	random := rand.New(rand.NewPCG(19, 84))
	taken := map[string]bool{}
	for n := 0; len(c.all) < total; n++ {
		o := origins[[]int{0, 0, 0, 1, 1, 2, 3}[random.IntN(7)]]
		first, last := o.first[random.IntN(len(o.first))], o.last[random.IntN(len(o.last))]
		id := login(first, last)
		if taken[id] {
			id = fmt.Sprintf("%s%d", id, n)
		}
		taken[id] = true
		c.add(id, first, last, member(random, o, id, n)...)
	}
}

// member is what is true of the nth of the crowd.
func member(random *rand.Rand, o origin, id string, n int) []change {
	town := o.cities[random.IntN(len(o.cities))]
	street := o.addresses[random.IntN(len(o.addresses))]
	house := 1 + random.IntN(120)
	line := fmt.Sprintf("%s %d", street, house)
	if o.leads {
		line = fmt.Sprintf("%d %s", house, street)
	}
	group := group([]string{"01", "01", "01", "02", "02", "03", "05", "10"}[random.IntN(8)])
	out := []change{
		group, language(o.language), barcode(number("2100001%03d", n)), borrower,
		born(patron.Date(fmt.Sprintf("%d-%02d-%02d", 1960+random.IntN(46), 1+random.IntN(12), 1+random.IntN(28)))),
		address("home", town.name, town.postalCode, o.country, line),
		phone(fmt.Sprintf("%s 555 01%02d", o.code, n), "mobile"),
	}
	if n%2 == 1 {
		return append(out, external, identifier("INST_ID", number("S24%05d", 500+n)), email(person(id), "school"))
	}
	if n%13 != 0 {
		out = append(out, email(id+"@post.example", "personal"))
	}
	if n%17 == 0 {
		out = append(out, expires("2025-09-30", "2026-09-30"))
	}
	return out
}

// login is a primary id made of a name, in plain letters.
func login(first, last string) string {
	plain := strings.NewReplacer("ß", "ss").Replace(strings.ToLower(first + "." + last))
	var b strings.Builder
	for _, r := range norm.NFD.String(plain) {
		if r == '.' || r == '-' || (r < unicode.MaxASCII && unicode.IsLetter(r)) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

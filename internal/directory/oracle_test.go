package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"patrondesk/internal/patron"
)

// oracle is the directory done the slow way: patrons in a map, looked at one by one.
type oracle map[string]patron.Patron

// term is one condition: the text is among the field's whole strings, or each word is there or in its texts.
type term struct{ field, text string }

func (tm term) finds(p patron.Patron) bool {
	var texts, wholes []string
	switch tm.field {
	case "last_name":
		texts = []string{p.LastName, p.PrefLastName}
	case "first_name":
		texts = []string{p.FirstName, p.PrefFirstName}
	case "user_group":
		texts = []string{p.UserGroup.Value, p.UserGroup.Desc}
	case "vendor":
		texts = []string{p.Vendor.Value, p.Vendor.Desc, p.VendorAccount.Value, p.VendorAccount.Desc}
	case "identifiers":
		wholes = []string{p.PrimaryID, p.Identifiers[0].Value}
	case "general_info":
		texts = []string{p.LastName, p.PrefLastName, p.FirstName, p.PrefFirstName, p.UserGroup.Value, p.UserGroup.Desc}
		wholes = []string{p.PrimaryID}
	}
	for _, value := range wholes {
		if strings.EqualFold(value, tm.text) {
			return true
		}
	}
	if len(texts) == 0 {
		return false
	}
	have := strings.Fields(words(strings.Join(texts, " ")))
	have = append(have, strings.Fields(words(spelled.Replace(strings.Join(texts, " "))))...)
	for _, w := range strings.Fields(tm.text) {
		if slices.ContainsFunc(wholes, func(value string) bool { return strings.EqualFold(value, w) }) {
			continue
		}
		stem, prefix := strings.CutSuffix(w, "*")
		found := slices.ContainsFunc(have, func(h string) bool {
			for _, s := range []string{words(stem), words(spelled.Replace(stem))} {
				if h == s || prefix && strings.HasPrefix(h, s) {
					return true
				}
			}
			return false
		})
		if !found {
			return false
		}
	}
	return true
}

func (o oracle) search(terms []term, order Order) []string {
	var list []patron.Patron
	for _, p := range o {
		if !slices.ContainsFunc(terms, func(tm term) bool { return !tm.finds(p) }) {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b patron.Patron) int {
		last := cmp.Compare(words(a.LastName), words(b.LastName))
		first := cmp.Compare(words(a.FirstName), words(b.FirstName))
		id, uid := cmp.Compare(strings.ToLower(a.PrimaryID), strings.ToLower(b.PrimaryID)), cmp.Compare(a.UID, b.UID)
		switch order {
		case ByLastName:
			return cmp.Or(last, id, uid)
		case ByFirstName:
			return cmp.Or(first, id, uid)
		case ByPrimaryID:
			return cmp.Or(id, uid)
		}
		return cmp.Or(last, first, id, uid)
	})
	uids := make([]string, len(list))
	for i, p := range list {
		uids[i] = p.UID
	}
	return uids
}

var (
	someNames = rapid.SampledFrom([]string{"", "Müller", "Muller", "Mueller", "Mull", "Weiß", "Weiss", "O'Brien", "van Ö", "Ö", "Oe", "A", "a b", "Ångström", "Muller-Weiß"})
	someIDs   = rapid.SampledFrom([]string{"A1", "a1", "A2", "b.c@x", "B", "muller", "99"})
	someCodes = rapid.SampledFrom([]patron.Code{{}, {Value: "08", Desc: "Staff"}, {Value: "A", Desc: "Müller fund"}})
	someTerms = rapid.Custom(func(t *rapid.T) term {
		field := rapid.SampledFrom([]string{"last_name", "first_name", "user_group", "vendor", "identifiers", "general_info"}).Draw(t, "field")
		if field == "identifiers" {
			return term{field, someIDs.Draw(t, "id")}
		}
		return term{field, rapid.SampledFrom([]string{"muller", "Müller", "mueller", "mu*", "MÜ*", "weiss", "o'brien", "ö", "oe*", "a", "a b",
			"08", "staff", "b.c@x", "van ö", "a1", "angstrom", "Aangstroem", "x"}).Draw(t, "text")}
	})
)

func drawPatron(t *rapid.T, n int) patron.Patron {
	p := patron.Patron{
		UID: uidOf(n), PrimaryID: someIDs.Draw(t, "primary"), LastName: someNames.Draw(t, "last"), FirstName: someNames.Draw(t, "first"),
		Identifiers: []patron.Identifier{{Value: someIDs.Draw(t, "id")}},
	}
	p.PrefLastName, p.PrefFirstName = someNames.Draw(t, "pref last"), someNames.Draw(t, "pref first")
	p.UserGroup, p.Vendor, p.VendorAccount = someCodes.Draw(t, "group"), someCodes.Draw(t, "vendor"), someCodes.Draw(t, "account")
	return p
}

func TestDirectoryAgainstOracle(t *testing.T) {
	rapid.Check(t, compareWithOracle)
}

// compareWithOracle writes and searches at random and compares each answer.
func compareWithOracle(t *rapid.T) {
	s, o, versions := &shelf{paging: 3}, oracle{}, map[int]int64{}
	d := New(s, testShards)
	// Changes of now are read with an overlap, those of an hour ago without.
	clock := time.Now().Add(-rapid.SampledFrom([]time.Duration{0, time.Hour}).Draw(t, "age"))
	for range rapid.IntRange(1, 12).Draw(t, "steps") {
		for range rapid.IntRange(0, 8).Draw(t, "writes") {
			n := rapid.IntRange(0, 15).Draw(t, "patron")
			p := drawPatron(t, n)
			versions[n]++
			if rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
				s.put(Entry{UID: p.UID, Version: versions[n], Updated: clock, Deleted: true})
				delete(o, p.UID)
				continue
			}
			s.put(entryOf(p, versions[n], clock))
			o[p.UID] = p
		}
		clock = clock.Add(time.Duration(rapid.IntRange(1, 9000).Draw(t, "pause")) * time.Millisecond)
		d.began = time.Time{} // the last refresh is too old to share
		compareSearch(t, d, o)
	}
}

func compareSearch(t *rapid.T, d *Directory, o oracle) {
	terms := rapid.SliceOfN(someTerms, 0, 2).Draw(t, "terms")
	order := Order(rapid.IntRange(0, int(orderCount)-1).Draw(t, "order"))
	limit, offset := rapid.IntRange(0, 10).Draw(t, "limit"), rapid.IntRange(0, 10).Draw(t, "offset")
	var query Query
	if len(terms) > 0 {
		var parts []string
		for _, tm := range terms {
			parts = append(parts, tm.field+"~"+tm.text)
		}
		var err error
		if query, err = ParseQuery(strings.Join(parts, " AND ")); err != nil {
			t.Fatal(err)
		}
	}
	want := o.search(terms, order)
	got, total, err := d.Search(context.Background(), query, order, limit, offset)
	if err != nil || total != len(want) {
		t.Fatalf("%v: total %d, %v, want %d", terms, total, err, len(want))
	}
	from := min(offset, len(want))
	want = want[from:min(from+limit, len(want))]
	if !slices.Equal(got, want) {
		t.Fatalf("%v in order %d: got %v, want %v", terms, order, got, want)
	}
}

package demo

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"slices"

	"patrondesk/internal/patron"
)

// sisUser is a person as the registrar's system writes them.
type sisUser struct {
	XMLName     xml.Name     `xml:"user"`
	RecordType  *sisCode     `xml:"record_type"`
	PrimaryID   string       `xml:"primary_id"`
	FirstName   string       `xml:"first_name"`
	LastName    string       `xml:"last_name"`
	PrefFirst   string       `xml:"pref_first_name,omitempty"`
	PrefLast    string       `xml:"pref_last_name,omitempty"`
	UserTitle   *sisCode     `xml:"user_title"`
	Gender      *sisCode     `xml:"gender"`
	UserGroup   *sisCode     `xml:"user_group"`
	Language    *sisCode     `xml:"preferred_language"`
	Birth       string       `xml:"birth_date,omitempty"`
	Expiry      string       `xml:"expiry_date,omitempty"`
	Purge       string       `xml:"purge_date,omitempty"`
	AccountType *sisCode     `xml:"account_type"`
	Status      *sisCode     `xml:"status"`
	Addresses   []sisAddress `xml:"contact_info>addresses>address"`
	Emails      []sisEmail   `xml:"contact_info>emails>email"`
	Phones      []sisPhone   `xml:"contact_info>phones>phone"`
	Identifiers []sisID      `xml:"user_identifiers>user_identifier"`
}

type sisCode struct {
	Value string `xml:",chardata"`
	Desc  string `xml:"desc,attr,omitempty"`
}

type sisAddress struct {
	Preferred bool      `xml:"preferred,attr"`
	Line1     string    `xml:"line1"`
	Line2     string    `xml:"line2,omitempty"`
	City      string    `xml:"city"`
	Postal    string    `xml:"postal_code"`
	Country   sisCode   `xml:"country"`
	Types     []sisCode `xml:"address_types>address_type"`
}

type sisEmail struct {
	Preferred bool      `xml:"preferred,attr"`
	Address   string    `xml:"email_address"`
	Types     []sisCode `xml:"email_types>email_type"`
}

type sisPhone struct {
	Preferred    bool      `xml:"preferred,attr"`
	PreferredSMS bool      `xml:"preferred_sms,attr"`
	Number       string    `xml:"phone_number"`
	Types        []sisCode `xml:"phone_types>phone_type"`
}

type sisID struct {
	Type   sisCode `xml:"id_type"`
	Value  string  `xml:"value"`
	Status string  `xml:"status"`
}

// registrarFile is what the registrar sends in November: Maria has moved, two others changed, five people are new, and
// the rest are as the library knows them.
func registrarFile(patrons []patron.Patron) []byte {
	var known []patron.Patron
	for _, p := range patrons {
		if p.AccountType == patron.External && len(known) < 25 {
			known = append(known, p)
		}
	}
	find := func(id string) *patron.Patron {
		return &known[slices.IndexFunc(known, func(p patron.Patron) bool { return p.PrimaryID == id })]
	}
	maria := find(Maria)
	maria.Addresses = slices.Clone(maria.Addresses)
	maria.Addresses[0].Lines, maria.Addresses[0].City, maria.Addresses[0].PostalCode = []string{"3 Saint Clement's Walk", "Garden Flat"}, "Bristol", "BS8 2LT"
	maria.Phones = slices.Clone(maria.Phones)
	maria.Phones[0].Number = "+44 117 496 0118"
	robin := find("robin.fairweather")
	robin.LastName = "Fairweather-Lowe"
	known[len(known)-1].ExpiryDate, known[len(known)-1].PurgeDate = "2032-09-30", "2033-09-30"
	users := make([]sisUser, 0, 30)
	for _, p := range known {
		users = append(users, asSIS(p))
	}
	for i, name := range [][2]string{{"Ottilie", "Marsh"}, {"Bao", "Nguyễn"}, {"Søren", "Kjær"}, {"Fatou", "N'Diaye"}, {"Álvaro", "Muñoz"}} {
		users = append(users, newcomer(name[0], name[1], 901+i))
	}
	return sisFile("The registrar's students and staff, November.", users)
}

// mistakenFile is a file in which most records are wrong, each in another way.
func mistakenFile() []byte {
	good := newcomer("Hester", "Goodwin", 951)
	noID := newcomer("", "", 952)
	noID.PrimaryID = ""
	noName := newcomer("Silas", "Unnamed", 953)
	noName.LastName = ""
	wrongGroup := newcomer("Gus", "Wrongroup", 954)
	wrongGroup.UserGroup = &sisCode{Value: "WIZARD"}
	twice := newcomer("Hester", "Goodwin-Again", 955)
	twice.PrimaryID, twice.Identifiers[0].Value = "hester.goodwin", "2100000951"
	takenBarcode := newcomer("Tara", "Taken", 956)
	takenBarcode.Identifiers[0].Value = ThomasBarcode
	internal := newcomer("Thomas", "Reed", 957)
	badDate := newcomer("Bertram", "Baddate", 958)
	badDate.Expiry = "2031-02-30Z"
	return sisFile("A file of mistakes: the first person is right, each other is wrong in another way.",
		[]sisUser{good, noID, noName, wrongGroup, twice, takenBarcode, internal, badDate})
}

func sisFile(comment string, users []sisUser) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header)
	fmt.Fprintf(&b, "<!-- %s -->\n", comment)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(struct {
		XMLName xml.Name `xml:"users"`
		Users   []sisUser
	}{Users: users}); err != nil {
		panic(err)
	}
	b.WriteString("\n")
	return b.Bytes()
}

func newcomer(first, last string, n int) sisUser {
	id := login(first, last)
	return sisUser{
		PrimaryID: id, FirstName: first, LastName: last, UserGroup: &sisCode{Value: "01"}, Language: &sisCode{Value: "en"},
		Expiry: "2030-09-30Z", Purge: "2031-09-30Z", Status: &sisCode{Value: "ACTIVE"},
		Addresses: []sisAddress{{
			Preferred: true, Line1: number("%d Quarry Lane", n%90), City: "Leeds", Postal: "LS2 3AB",
			Country: sisCode{Value: "GBR"}, Types: []sisCode{{Value: "home"}},
		}},
		Emails: []sisEmail{{Preferred: true, Address: person(id), Types: []sisCode{{Value: "school"}}}},
		Identifiers: []sisID{
			{Type: sisCode{Value: "BARCODE"}, Value: number("2100000%03d", n), Status: "ACTIVE"},
			{Type: sisCode{Value: "INST_ID"}, Value: number("S2670%03d", n), Status: "ACTIVE"},
		},
	}
}

// asSIS is what the registrar's system knows of a patron.
func asSIS(p patron.Patron) sisUser {
	u := sisUser{
		RecordType: &sisCode{Value: string(p.RecordType)}, PrimaryID: p.PrimaryID, FirstName: p.FirstName, LastName: p.LastName,
		PrefFirst: p.SIS.PrefFirstName, PrefLast: p.SIS.PrefLastName, UserTitle: sisCoded(p.SIS.UserTitle), Gender: sisCoded(p.Gender),
		UserGroup: sisCoded(p.SIS.UserGroup), Language: sisCoded(p.SIS.PreferredLanguage),
		Birth: sisDay(p.BirthDate), Expiry: sisDay(p.ExpiryDate), Purge: sisDay(p.PurgeDate),
		AccountType: &sisCode{Value: "EXTERNAL"}, Status: &sisCode{Value: string(p.Status)},
	}
	for _, a := range p.Addresses {
		if a.Segment == patron.ExternalSegment {
			out := sisAddress{Preferred: a.Preferred || len(p.Manual) > 0, Line1: a.Lines[0], City: a.City, Postal: a.PostalCode, Country: *sisCoded(a.Country), Types: sisKinds(a.Types)}
			if len(a.Lines) > 1 {
				out.Line2 = a.Lines[1]
			}
			u.Addresses = append(u.Addresses, out)
		}
	}
	for _, e := range p.Emails {
		u.Emails = append(u.Emails, sisEmail{Preferred: e.Preferred, Address: e.Address, Types: sisKinds(e.Types)})
	}
	for _, f := range p.Phones {
		u.Phones = append(u.Phones, sisPhone{Preferred: f.Preferred, PreferredSMS: f.PreferredSMS, Number: f.Number, Types: sisKinds(f.Types)})
	}
	for _, id := range p.Identifiers {
		u.Identifiers = append(u.Identifiers, sisID{Type: sisCode{id.Type.Value, id.Type.Desc}, Value: id.Value, Status: string(id.Status)})
	}
	return u
}

func sisCoded(c patron.Code) *sisCode {
	if c.Value == "" {
		return nil
	}
	return &sisCode{Value: c.Value, Desc: c.Desc}
}

func sisKinds(kinds []patron.Code) []sisCode {
	var out []sisCode
	for _, k := range kinds {
		out = append(out, *sisCoded(k))
	}
	return out
}

func sisDay(d patron.Date) string {
	if d == "" {
		return ""
	}
	return string(d) + "Z"
}

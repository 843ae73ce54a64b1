package sisfile

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"testing"

	"patrondesk/internal/institution"
)

// person is a user element of about 3 KB, such as a student information system writes.
func person(i int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "  <user>\n    <record_type desc=\"Public\">PUBLIC</record_type>\n    <primary_id>s%08d</primary_id>\n    <first_name>Ásta &amp; Bo</first_name>\n"+
		"    <middle_name></middle_name>\n    <last_name>Example-%d</last_name>\n    <user_title desc=\"Dr.\">DR</user_title>\n    <user_group desc=\"Undergraduate\">01</user_group>\n"+
		"    <preferred_language desc=\"English\">en</preferred_language>\n    <expiry_date>2027-09-30Z</expiry_date>\n    <status desc=\"Active\">ACTIVE</status>\n"+
		"    <!-- enrolled -->\n    <job_description><![CDATA[BSc & more]]></job_description>\n    <contact_info>\n      <addresses>\n", i, i)
	for n, kind := range []string{"home", "school", "work"} {
		fmt.Fprintf(&b, "        <address preferred=\"%t\" segment_type=\"External\">\n          <line1>%d Example Street</line1>\n          <line2>Flat %d</line2>\n"+
			"          <city>Exampleton</city>\n          <postal_code>EX%d 1AA</postal_code>\n          <country desc=\"United Kingdom\">GBR</country>\n"+
			"          <address_types>\n            <address_type desc=\"A\">%s</address_type>\n          </address_types>\n        </address>\n", n == 0, i%97, n, i%9, kind)
	}
	fmt.Fprintf(&b, "      </addresses>\n      <emails>\n        <email preferred=\"true\">\n          <email_address>s%08d@students.demo.example</email_address>\n"+
		"          <email_types>\n            <email_type>school</email_type>\n          </email_types>\n        </email>\n      </emails>\n      <phones>\n"+
		"        <phone preferred=\"true\" preferred_sms=\"false\">\n          <phone_number>+44 20 7946 %04d</phone_number>\n          <phone_types>\n"+
		"            <phone_type>mobile</phone_type>\n          </phone_types>\n        </phone>\n      </phones>\n    </contact_info>\n    <user_identifiers>\n", i, i%1000)
	for _, kind := range []string{"BARCODE", "INST_ID"} {
		fmt.Fprintf(&b, "      <user_identifier segment_type=\"External\">\n        <value>%s%08d</value>\n        <id_type desc=\"Identifier\">%s</id_type>\n"+
			"        <status>ACTIVE</status>\n      </user_identifier>\n", kind[:1], i, kind)
	}
	b.WriteString("    </user_identifiers>\n  </user>\n")
	return b.String()
}

func manyPeople(n int) []byte {
	var b bytes.Buffer
	b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<users>\n")
	for i := range n {
		b.WriteString(person(i))
	}
	b.WriteString("</users>\n")
	return b.Bytes()
}

// manyRows is a CSV file of n rows of about 3 KB, most of it cells in quotation marks that nobody maps, as registrars'
// reports have them.
func manyRows(n int) []byte {
	var b bytes.Buffer
	b.WriteString("No,Surname,Level,Leaves,Mail,Street,Town,Remark")
	for i := range 180 {
		fmt.Fprintf(&b, ",\"Extra %d\"", i)
	}
	b.WriteString("\r\n")
	extra := strings.Repeat(",\"value of it\"", 180)
	for i := range n {
		fmt.Fprintf(&b, "s%08d,Example-%d,UG,30.09.2027,s%08d@students.demo.example,\"%d Example Street, \"\"The Mews\"\"\",Exampleton,\"First line\r\nand second\"%s\r\n",
			i, i, i, i%97, extra)
	}
	return b.Bytes()
}

func registrar() *CSV {
	return &CSV{
		Columns: map[string]institution.Column{
			"No": {Field: "primary_id"}, "Surname": {Field: "last_name"}, "Level": {Field: "user_group", Values: map[string]string{"UG": "01", "PG": "02"}},
			"Leaves": {Field: "expiry_date", Date: "02.01.2006"}, "Mail": {Field: "email.school"}, "Street": {Field: "address.home.line1"}, "Town": {Field: "address.home.city"},
		},
	}
}

func benchmark(b *testing.B, text []byte, csv *CSV, each func(r *Reader, rec Record)) {
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	records := 0
	for b.Loop() {
		r := NewReader(bytes.NewReader(text), csv)
		for {
			rec, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			records++
			each(r, rec)
		}
	}
	b.ReportMetric(float64(records)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkSplit(b *testing.B) {
	benchmark(b, manyPeople(20_000), nil, func(*Reader, Record) {})
}

func BenchmarkSplitAndHash(b *testing.B) {
	benchmark(b, manyPeople(20_000), nil, func(_ *Reader, rec Record) { sha256.Sum256(rec.Raw) })
}

func BenchmarkCSV(b *testing.B) {
	benchmark(b, manyRows(20_000), registrar(), func(*Reader, Record) {})
}

func BenchmarkCSVAndHash(b *testing.B) {
	benchmark(b, manyRows(20_000), registrar(), func(_ *Reader, rec Record) { sha256.Sum256(rec.Raw) })
}

func BenchmarkDecode(b *testing.B) {
	decode := func(r *Reader, rec Record) {
		if _, _, err := r.Decode(rec); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("XML", func(b *testing.B) { benchmark(b, manyPeople(1000), nil, decode) })
	b.Run("CSV", func(b *testing.B) { benchmark(b, manyRows(1000), registrar(), decode) })
}

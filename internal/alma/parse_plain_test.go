package alma

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

type document struct {
	name, xml string
	plain     bool // parsePlain takes it on
}

// documents are XML, and what looks like it, in the forms that are easily read wrongly.
func documents() []document {
	nested := func(n int) string { return strings.Repeat("<a>", n) + strings.Repeat("</a>", n) }
	attributes := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, " a%d=''", i)
		}
		return "<a" + b.String() + "/>"
	}
	return []document{
		{"empty element", "<a/>", true},
		{"space around", " \r\n\t<a> </a>\n", true},
		{"declaration", `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n<a>b</a>", true},
		{"declaration of Python's", "<?xml version='1.0' encoding='utf-8'?><a/>", true},
		{"space before the declaration", "\n<?xml version=\"1.0\"?><a/>", true},
		{"other encoding", `<?xml version="1.0" encoding="US-ASCII"?><a/>`, false},
		{"other version", `<?xml version="1.1"?><a/>`, false},
		{"odd declaration", `<?xml version='1.0" encoding='UTF-8"?><a/>`, false},
		{"two declarations", `<?xml version="1.0"?><?xml version="1.0"?><a/>`, false},
		{"declaration alone", `<?xml version="1.0"?>`, false},
		{"empty", "", false},
		{"only space", " \n", false},
		{"byte order mark", "\uFEFF<a/>", false},
		{"text before", "x<a/>", false},
		{"text after", "<a/>x", false},
		{"other space after", "<a/>\u00a0", false},
		{"reference after", "<a/>&#32;", false},
		{"two roots", "<a/><a/>", false},
		{"comment", "<a><!-- b --></a>", false},
		{"comment after", "<a/><!-- b -->", false},
		{"cdata", "<a>]]<![CDATA[>b]]]><![CDATA[\r&lt;</a>\r\n]]>\n<![CDATA[]]></a>", true},
		{"cdata without an end", "<a><![CDATA[b]]</a>", false},
		{"cdata with a control character", "<a><![CDATA[\x01]]></a>", false},
		{"cdata after", "<a/><![CDATA[ ]]>", false},
		{"cdata in small letters", "<a><![cdata[b]]></a>", false},
		{"processing instruction", "<a><?b c?></a>", false},
		{"doctype", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`, false},

		{"mixed content", "<a>b<c>d</c>e<c/>f<g>\n<h> i</h>j</g></a>", true},
		{"letters of the world", "<a b='ä'>欧阳 \U0001F600 \u0085\u007f\uFFFD</a>", true},
		{"end of cdata", "<a>]]></a>", false},
		{"end of cdata in an attribute", "<a b=']]>'/>", true},
		{"end of cdata, escaped", "<a>]]&gt; ]&#93;> ]] ></a>", true},
		{"> in text", "<a>b > c</a>", true},
		{"quotes in text", `<a>"b' = /></a>`, true},
		{"invalid UTF-8", "<a>\xff</a>", false},
		{"invalid UTF-8 in an attribute", "<a b='\xc3'/>", false},
		{"U+FFFE", "<a>\uFFFE</a>", false},
		{"U+FFFF", "<a b='\uFFFF'/>", false},
		{"surrogate in UTF-8", "<a>\xed\xa0\x80</a>", false},
		{"NUL", "<a>\x00</a>", false},
		{"control character", "<a>\x1f</a>", false},

		{"returns", "<a\r\nb='c\r\nd\re'\r>\r\n\r\r\nf\r</a\r>\r", true},
		{"return before a reference", "<a>\r&#10;\r\n&#13;\n&#xD;</a>", true},
		{"return between two texts", "<a>\r<b/>\n</a>", true},

		{"entities", "<a b='&lt;&gt;&amp;&apos;&quot;'>&lt;&gt;&amp;&apos;&quot;</a>", true},
		{"escaped twice", "<a>&amp;lt;&#38;amp;</a>", true},
		{"character references", "<a>&#9;&#x9;&#00065;&#x1F600;&#xfffD;&#196;</a>", true},
		{"reference to NUL", "<a>&#0;</a>", false},
		{"reference to a surrogate", "<a>&#xD800;</a>", false},
		{"reference to U+FFFE", "<a>&#xFFFE;</a>", false},
		{"reference beyond Unicode", "<a>&#x110000;&#4294967361;</a>", false},
		{"reference with a sign", "<a>&#+65;</a>", false},
		{"reference without digits", "<a>&#;</a>", false},
		{"reference with a large X", "<a>&#X41;</a>", false},
		{"reference with other digits", "<a>&#6_5;&#4A;&#xG;</a>", false},
		{"no semicolon", "<a>&lt</a>", false},
		{"no semicolon in an attribute", "<a b='&amp'/>", false},
		{"lone ampersand", "<a>b & c;</a>", false},
		{"other entity", "<a>&nbsp;</a>", false},
		{"entity of odd case", "<a>&LT;</a>", false},

		{"quotes", `<a b='"' c="'"/>`, true},
		{"attributes without space", `<a b='1'c='2'/>`, true},
		{"space around =", "<a b = \n'1'\t/>", true},
		{"empty attribute", `<a b=""></a>`, true},
		{"< in an attribute", `<a b="<"/>`, false},
		{"> in an attribute", `<a b=">"/>`, true},
		{"attribute without quotes", `<a b=1/>`, false},
		{"attribute without a value", `<a b/>`, false},
		{"attribute without an end", `<a b="`, false},
		{"attribute without a name", `<a ="1"/>`, false},
		{"attribute right behind a name", `<a"b"/>`, false},
		{"attribute twice", `<a b="" b=""/>`, false},
		{"attribute twice by two prefixes", `<a xmlns:x="u" xmlns:y="u" x:b="" y:b=""/>`, false},
		{"attribute and its like", `<a b="" x:b=""/>`, false},
		{"attribute twice by xmlns", `<a xmlns:x="xmlns" x:b="" xmlns:b="c"/>`, false},

		{"prefix", `<x:a xmlns:x="u"><x:b x:c="d" c2="e"/></x:a>`, true},
		{"prefix that is not defined", `<x:a y:b="c"></x:a>`, true},
		{"prefix of XML's own", `<a xml:lang="en" xmlns="u" b="c"/>`, true},
		{"prefix of nothing", `<a xmlns:x="" x:b="c"/>`, false},
		{"prefix of nothing above", `<a xmlns:x=""><b x:b="c"/></a>`, false},
		{"default of nothing", `<a xmlns="u"><b xmlns="" c="d"/></a>`, true},
		{"prefixes that shadow", `<x:a xmlns:x="u"><x:a xmlns:x="v" x:b="c"></x:a></x:a>`, true},
		{"prefix of xmlns", `<a xmlns:xmlns="u" xmlns:xml="v" xml:b="c"/>`, true},
		{"element xmlns", `<xmlns:xmlns><xmlns/></xmlns:xmlns>`, true},
		{"two colons", "<x:y:a/>", false},
		{"two colons in an attribute", "<a x:y:b=''/>", false},
		{"colon first", "<:a/>", false},
		{"colon last", "<a:></a:>", false},
		{"colon alone", "<a :=''/>", false},

		{"name with everything", "<_a.b-9 x:-.9=''></_a.b-9>", true},
		{"name outside ASCII", "<ä/>", false},
		{"name partly outside ASCII", "<aä></aä>", false},
		{"name with a digit first", "<1a/>", false},
		{"attribute with a digit first", "<a 1b=''/>", false},
		{"no name", "<></>", false},
		{"space before the name", "< a/>", false},
		{"space in an empty tag", "<a/ >", false},
		{"slash in a tag", "<a / b=''>", false},
		{"space in an end tag", "<a></a \n>", true},
		{"space first in an end tag", "<a></ a>", false},
		{"attribute in an end tag", "<a></a b=''>", false},
		{"end tag that says more", "<a></ab>", false},
		{"end tag of another element", "<a></b>", false},
		{"end tag with another prefix", `<x:a xmlns:x="u" xmlns:y="u"></y:a>`, false},
		{"end tag without the prefix", "<x:a></a>", false},
		{"elements crossed", "<a><b></a></b>", false},
		{"end tag first", "</a>", false},
		{"end tag after", "<a/></a>", false},
		{"no end", "<a><b></b>", false},
		{"no end of the tag", "<a></a", false},
		{"cut off", "<", false},

		{"nested to the limit", nested(maxDepth), true},
		{"nested deeper", nested(maxDepth + 1), false},
		{"as many children as may be", "<a>" + strings.Repeat("<b/>", maxChildren) + "</a>", true},
		{"more children", "<a>" + strings.Repeat("<b/>", maxChildren+1) + "</a>", false},
		{"as many attributes as may be", attributes(maxAttributes), true},
		{"more attributes", attributes(maxAttributes + 1), false},
		{"xmlns among the attributes", strings.Replace(attributes(maxAttributes), "<a", "<a xmlns=''", 1), false},
	}
}

// TestParsePlain proves that those documents are taken on that are meant to be, and read as the library reads them.
func TestParsePlain(t *testing.T) {
	for _, d := range documents() {
		t.Run(d.name, func(t *testing.T) {
			if got := comparePlain(t, []byte(d.xml)); got != d.plain {
				t.Errorf("plain is %v, want %v: %.200q", got, d.plain, d.xml)
			}
		})
	}
}

// TestUsualIsPlain keeps the documents that are the rule from becoming slow without anybody noticing: a record of a
// student information system, and every object as we write it ourselves.
func TestUsualIsPlain(t *testing.T) {
	for name, data := range goldenXML(t) {
		if !comparePlain(t, data) {
			t.Errorf("%s is not plain", name)
		}
	}
}

// FuzzParsePlain holds parsePlain against encoding/xml: what it takes on, it must read in the same way.
func FuzzParsePlain(f *testing.F) {
	for _, d := range documents() {
		f.Add([]byte(d.xml))
	}
	for _, data := range goldenXML(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { comparePlain(t, data) })
}

// comparePlain reports whether a document is plain, and fails when the library reads it differently or not at all.
func comparePlain(t *testing.T, data []byte) bool {
	t.Helper()
	got, ok := parsePlain(data)
	if !ok {
		return false
	}
	want, err := parseWithLibrary(data)
	if err != nil {
		t.Errorf("the library refuses %.500q: %v", data, err)
	} else if !reflect.DeepEqual(got, want) {
		t.Errorf("%.500q is read in another way than the library does", data)
	}
	return true
}

// goldenXML are the documents under testdata by their names.
func goldenXML(t testing.TB) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "*.xml"))
	if err != nil || len(names) == 0 {
		t.Fatal("there are no documents under testdata:", err)
	}
	all := map[string][]byte{}
	for _, name := range names {
		if all[name], err = os.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// BenchmarkParseXML reads one record of a student information system in both ways.
func BenchmarkParseXML(b *testing.B) {
	record := goldenXML(b)[filepath.Join("testdata", "record.xml")]
	b.Run("plain", func(b *testing.B) {
		benchmarkParse(b, record, func(data []byte) bool { _, ok := parsePlain(data); return ok })
	})
	b.Run("library", func(b *testing.B) {
		benchmarkParse(b, record, func(data []byte) bool { _, err := parseWithLibrary(data); return err == nil })
	})
}

func benchmarkParse(b *testing.B, record []byte, parse func([]byte) bool) {
	b.SetBytes(int64(len(record)))
	b.ReportAllocs()
	for b.Loop() {
		if !parse(record) {
			b.Fatal("the record was not read")
		}
	}
}

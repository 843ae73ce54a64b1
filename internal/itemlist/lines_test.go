package itemlist

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"patrondesk/internal/drop"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/job"
)

// start and end are what an object needs besides the field that is looked at.
const (
	start = `{"barcode":"B1","item_id":"21","mms_id":"9","title":"T",`
	end   = `"library":"MAIN"}`
)

func TestLinesThatAreRefused(t *testing.T) {
	t.Parallel()
	l := newLoaded(t)
	whose := ",1,21,BARCODE B1,"
	tests := []struct{ name, text, want string }{
		{"array", "[\n" + start + end + "]", ",,,,,\"The file is a JSON array. Write each item as an object on a line of its own, without brackets and commas around it.\""},
		{"indented", "{\n  \"barcode\": \"B1\"\n}\n", ",,,,,The first object goes over several lines. Write each item as an object on a line of its own."},
		{"utf-16 without mark", "{\x00\"\x00", ",,,,,The file is no text. Export the item list as CSV or JSON lines in UTF-8."},
		{"cut off", start + `"library":"MA`, ",1,,,,The line is no JSON object: unexpected end of JSON input."},
		{"comma", start + end + ",", ",1,,,,\"The line is no JSON object: invalid character ',' after top-level value.\""},
		{"two objects", start + end + "{}", ",1,,,,The line is no JSON object: invalid character '{' after top-level value."},
		{"NUL", start + "\"part\":\"\x00\"," + end, ",1,,,,The line is no JSON object: invalid character '\\x00' in string literal."},
		{"NUL as an escape", start + `"part":"\u0000",` + end, whose + "part,\"The text has the character U+0000, which is not allowed.\""},
		{"no character", start + `"part":"\ufffe",` + end, whose + "part,\"The text has the character U+FFFE, which is not allowed.\""},
		{"latin-1", start + "\"author\":\"M\xfcller\"," + end, whose + "author,The text is not in UTF-8."},
		{"half a pair", start + `"author":"\ud83d",` + end, whose + "author,The text is not in UTF-8."},
		{"number", `{"barcode":123,"item_id":"21","mms_id":"9","title":"T",` + end, ",1,21,,barcode,\"The field must be a text in quotation marks, and is a number.\""},
		{"boolean", start + `"part":true,` + end, whose + "part,\"The field must be a text in quotation marks, and is true or false.\""},
		{"list", start + `"author":["A","B"],` + end, whose + "author,\"The field must be a text in quotation marks, and is a list.\""},
		{"object", start + `"author":{"value":"A"},` + end, whose + "author,\"The field must be a text in quotation marks, and is an object.\""},
		{"list as a code", start + `"location":["stacks"],` + end, whose + "location,\"The field must be a text in quotation marks, and is a list.\""},
		{"number as a code's value", start + `"item_policy":{"value":7},` + end, whose + "item_policy,\"The value must be a text in quotation marks, and is a number.\""},
		{"number as a description", start + `"location":{"value":"a","desc":7},` + end, whose + "location_name,\"The desc must be a text in quotation marks, and is a number.\""},
		{"number as a status", start + `"status":1,` + end, whose + "status,\"The field must be a text in quotation marks, and is a number.\""},
		{"field twice", start + `"title":"U",` + end, whose + "title,The field is there twice."},
		{"unknown field twice", start + `"x":"U","x":"U",` + end, whose + ",A field that is not known is there twice."},
		{"value twice", start + `"location":{"value":"a","value":"b"},` + end, whose + "location,The field is there twice."},
		{"name twice", start + `"location_name":"A","location":{"value":"a","desc":"A"},` + end, whose + "location_name,The field is there twice."},
		{"missing", `{"barcode":"B1","item_id":"21","title":"T",` + end, whose + "mms_id,Mandatory field is missing: mms_id."},
		{"null", `{"barcode":"B1","item_id":"21","mms_id":null,"title":"T",` + end, whose + "mms_id,Mandatory field is missing: mms_id."},
		{"code without a value", `{"barcode":"B1","item_id":"21","mms_id":"9","title":"T","library":{"desc":"Main Library"}}`, whose + "library,Mandatory field is missing: library."},
		{"empty object", `{}`, ",1,,,barcode,Mandatory field is missing: barcode."},
		{"other case", start + `"Library":"MAIN"}`, whose + "library,Mandatory field is missing: library."},
		{"unknown status", start + `"status":"LOAN",` + end, whose + "status,\"" + unknownStatus + "\""},
		{"unknown library", start + `"library":"ELSEWHERE"}`, whose + "library,The institution has no library with the code ELSEWHERE."},
		{"long text", start + `"author":"` + strings.Repeat("x", 4001) + `",` + end, whose + "author,The text is longer than 4000 characters."},
		{"long id", `{"barcode":"B1","item_id":"` + strings.Repeat("x", 1001) + `","mms_id":"9","title":"T",` + end, ",1,,BARCODE B1,item_id,The text is longer than an identifier can be."},
		{"long line", start + `"x":"` + strings.Repeat("x", 200_000) + `",` + end, ",1,,,,The line is longer than 64 KB."},
	}
	for _, tt := range tests {
		l.reports(tt.name+".jsonl", tt.text, tt.name+".jsonl"+tt.want+"\n")
	}
}

func TestLinesBesideARefusedOne(t *testing.T) {
	t.Parallel()
	good := strings.Replace(start, "21", "22", 1) + end
	for name, bad := range map[string]string{
		"no object": "B1,1,9,T,MAIN", "list": `["B1"]`, "text": `"B1"`, "null": "null", "number": "7", "mark": "\ufeff" + start + end,
		"open brace": "{", "long line": `{"x":"` + strings.Repeat("x", 300_000), "just too long": strings.Repeat(" ", maxLine) + "{}", "NUL": "\x00",
	} {
		all, _, err := rows(t, good+"\r\n\n"+bad+"\n"+good)
		if len(all) != 3 || err != nil {
			t.Errorf("%s: got %+v, %v", name, all, err)
			continue
		}
		if first, last := all[0], all[2]; first.reason != "" || last.reason != "" || first.line != 1 || last.line != 4 || last.item != first.item {
			t.Errorf("%s: beside it got %+v and %+v", name, first, last)
		}
		if w := all[1]; w.reason == "" || w.line != 3 {
			t.Errorf("%s: got %+v", name, w)
		}
	}
}

func TestLine(t *testing.T) {
	plain := fulfillment.Item{Barcode: "B1", ID: "21", MMSID: "9", Title: "T", Library: fulfillment.Code{Value: "MAIN"}}
	with := func(change func(it *fulfillment.Item)) fulfillment.Item {
		it := plain
		change(&it)
		return it
	}
	for _, tt := range []struct {
		name, text string
		want       fulfillment.Item
		ignored    int
	}{
		{"plain", start + end, plain, 0},
		{"byte order mark", "\ufeff" + start + end, plain, 0},
		{"white space", "\n \t" + start + end + " \r\n\n", plain, 0},
		{"nulls", start + `"author":null,"location":null,"item_policy":{"value":null,"desc":null},` + end, plain, 0},
		{"unknown fields", start + `"a":{"b":[1,{"b":2}]},"b":1e999,"":null,` + end, plain, 3},
		{"text with spaces around", start + `"volume":" 1 ",` + end, with(func(it *fulfillment.Item) { it.Volume = "1" }), 0},
		{"a pair", start + `"author":"\ud83d\ude00",` + end, with(func(it *fulfillment.Item) { it.Author = "\U0001F600" }), 0},
		{"code with its name", start + `"location":{"desc":"Stacks","value":"stacks","link":"x"},` + end,
			with(func(it *fulfillment.Item) { it.Location = fulfillment.Code{Value: "stacks", Desc: "Stacks"} }), 1},
		{"name beside the code", start + `"location":{"value":"stacks"},"location_name":"Stacks",` + end,
			with(func(it *fulfillment.Item) { it.Location = fulfillment.Code{Value: "stacks", Desc: "Stacks"} }), 0},
		{"policy", start + `"item_policy":{"value":"WEEK","desc":"One week"},` + end,
			with(func(it *fulfillment.Item) { it.ItemPolicy = fulfillment.Code{Value: "WEEK", Desc: "One week"} }), 0},
		{"descriptions of the institution's own", start + `"material_type":{"value":"BOOK","desc":"Buch"},"library":{"value":"MAIN","desc":1}}`,
			with(func(it *fulfillment.Item) { it.MaterialType = fulfillment.Code{Value: "BOOK"} }), 0},
		{"in place", start + `"status":{"value":"1","desc":"Item in place"},` + end, plain, 0},
		{"lost", start + `"status":"Lost",` + end, with(func(it *fulfillment.Item) { it.Status = fulfillment.ItemLost }), 0},
	} {
		all, ignored, err := rows(t, tt.text)
		if err != nil || len(all) != 1 || all[0].reason != "" || all[0].item != tt.want || ignored != tt.ignored {
			t.Errorf("%s: got %+v, %d ignored, %v, want %+v, %d", tt.name, all, ignored, err, tt.want, tt.ignored)
		}
	}
}

func TestUnknownFieldsAreCountedOnce(t *testing.T) {
	_, ignored, err := rows(t, start+`"x":1,`+end+"\n"+start+`"x":2,"y":3,`+end)
	if ignored != 2 || err != nil {
		t.Errorf("got %d, %v, want 2", ignored, err)
	}
	var many strings.Builder
	for i := range 3 * maxUnknown {
		many.WriteString(`{"` + strings.Repeat("x", i) + "\":1}\n")
	}
	if _, ignored, err := rows(t, many.String()); ignored > maxUnknown || err != nil {
		t.Errorf("of many got %d, %v, want at most %d", ignored, err, maxUnknown)
	}
}

func TestLinesInUTF16(t *testing.T) {
	var text strings.Builder
	text.WriteString("\xff\xfe")
	for _, b := range []byte(start + end) {
		text.Write([]byte{b, 0})
	}
	if all, _, err := rows(t, text.String()); err != nil || len(all) != 1 || all[0].item.ID != "21" {
		t.Errorf("got %+v, %v", all, err)
	}
}

// endless is a source that fails after some text.
type endless struct {
	text *strings.Reader
	err  error
}

func (e endless) Read(p []byte) (int, error) {
	if e.text.Len() == 0 {
		return 0, e.err
	}
	return e.text.Read(p)
}

func TestAFailingSourceIsNoEnd(t *testing.T) {
	bad := &drop.SourceError{Err: errors.New("gone")}
	for _, text := range []string{start + end + "\n", start, start + strings.Repeat(" ", 2*maxLine)} {
		l, err := open(endless{strings.NewReader(strings.Repeat("{}\n", 2000) + text), bad})
		for more := err == nil; more; {
			_, more, err = l.next()
		}
		if !errors.Is(err, bad) {
			t.Errorf("got %v, want the source's error", err)
		}
	}
}

func TestStatusAndNamesAreStored(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a.csv":   "barcode,item_id,mms_id,title,library,location,location_name,status\nB1,21,9,T,MAIN,stacks,Open stacks,missing\n",
		"a.jsonl": start + `"location":{"value":"stacks","desc":"Open stacks"},"status":"missing",` + end,
	} {
		l := newLoaded(t)
		l.load(name, "1", text)
		it, err := l.store.ItemByBarcode(t.Context(), "B1")
		want := fulfillment.Item{
			Barcode: "B1", ID: "21", MMSID: "9", Title: "T", Library: fulfillment.Code{Value: "MAIN"},
			Location: fulfillment.Code{Value: "stacks", Desc: "Open stacks"}, Status: fulfillment.ItemMissing,
		}
		if err != nil || !reflect.DeepEqual(it, want) {
			t.Errorf("%s: got %+v, %v, want %+v", name, it, err, want)
		}
		j, _ := l.load(name, "2", strings.Replace(text, "missing", "1", 1))
		if found, err := l.store.Item(t.Context(), "21"); err != nil || !found.Lendable() || j.Counts.Updated != 1 {
			t.Errorf("%s: found again: got %+v, %v, %+v", name, found, err, j.Counts)
		}
	}
}

// TestRowsGoOnAfterARefusedLine loads what is good of a file, and says whose each refused line is.
func TestRowsGoOnAfterARefusedLine(t *testing.T) {
	t.Parallel()
	l := newLoaded(t)
	other := strings.NewReplacer("21", "22", "B1", "B2")
	j, report := l.load("a.ndjson", "1", start+end+"\nnot json\n"+start+end+"\n"+strings.Replace(start, "21", "23", 1)+end+"\n"+other.Replace(start)+end+"\n")
	if want := (job.Counts{Processed: 5, Created: 2, Rejected: 3}); j.Counts != want {
		t.Errorf("got %+v, want %+v", j.Counts, want)
	}
	for _, want := range []string{
		"a.ndjson,2,,,,The line is no JSON object: invalid character 'o' in literal null (expecting 'u').",
		"a.ndjson,3,21,BARCODE B1,item_id,The item is already on line 1; the first one is taken.",
		`a.ndjson,4,23,BARCODE B1,barcode,"The barcode is already on line 1, which is of another item."`,
	} {
		if !strings.Contains(report, want) {
			t.Errorf("got the report\n%s\nwant the row %s", report, want)
		}
	}
}

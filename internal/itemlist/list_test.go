package itemlist

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"patrondesk/internal/fulfillment"
)

// rows are all rows of a list, and how many of its fields were not known.
func rows(t interface{ Fatal(args ...any) }, text string) (all []row, ignored int, err error) {
	l, err := open(strings.NewReader(text))
	if err != nil {
		return nil, 0, err
	}
	for {
		w, more, err := l.next()
		if !more {
			return all, l.ignored(), err
		}
		if err != nil {
			t.Fatal("a row comes with an error", err)
		}
		if all = append(all, w); len(all) > len(text)+2 {
			t.Fatal("the rows have no end")
		}
	}
}

// sound checks what holds of every row, whatever the list.
func sound(t *testing.T, text string) {
	all, _, _ := rows(t, text)
	line := 0
	for _, w := range all {
		if w.line <= line {
			t.Errorf("line %d comes after line %d", w.line, line)
		}
		line = w.line
		for _, c := range columns {
			if w.reason == "" && c.mandatory && *c.at(&w.item) == "" {
				t.Errorf("%s is empty in the row %+v", c.name, w)
			}
			if text := *c.at(&w.item); !utf8.ValidString(text) || strings.ContainsFunc(text, forbidden) || utf8.RuneCountInString(text) > maxText {
				t.Errorf("%s has what is not allowed in the row %+v", c.name, w)
			}
		}
	}
}

func FuzzList(f *testing.F) {
	f.Add([]byte(header + "B1,1,9,T,MAIN\n"))
	f.Add([]byte("barcode;item_id;mms_id;title;library\n\"a\nb\";;\"\n"))
	f.Add([]byte("\xff\xfeb\x00"))
	f.Add([]byte(`{"barcode":"B1","item_id":"1","mms_id":"9","title":"T","library":"MAIN"}` + "\n\n{\"barcode\":\n"))
	f.Add([]byte(`{"location":{"value":"a","desc":null,"x":[{}]},"location_name":"b","title":"\ud800","x":1,"x":2}`))
	f.Add([]byte("\ufeff{\"status\":0,\"library\":[\"a\"]}\r\n\ufeff{}\n{\"\xff\":\"\x00\"}{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		sound(t, string(text))
		refusedAgain(t, string(text))
	})
}

// refusedAgain checks that a list of the refused rows is refused row for row.
func refusedAgain(t *testing.T, text string) {
	l, err := open(strings.NewReader(text))
	if err != nil {
		return
	}
	again, refused := append(bytes.Clone(l.head()), '\n'), 0
	all, _, _ := rows(t, text)
	for _, w := range all {
		if w.reason != "" && w.raw != nil {
			again, refused = append(append(again, w.raw...), '\n'), refused+1
		}
	}
	if refused == 0 {
		return
	}
	all, _, err = rows(t, string(again))
	if err != nil || len(all) != refused {
		t.Fatalf("got %d rows, %v from %q, want %d", len(all), err, again, refused)
	}
	for _, w := range all {
		if w.reason == "" {
			t.Errorf("got %+v, want it refused", w)
		}
	}
}

// TestTheFormatsAgree writes any item both ways and reads the same.
func TestTheFormatsAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var names, cells []string
		object := map[string]any{}
		for _, c := range columns {
			if !c.mandatory && !rapid.Bool().Draw(t, c.name+" is there") {
				continue
			}
			text := rapid.StringMatching(`[a-zé ,;"\\/<\n\t\x01]{0,6}`).Draw(t, c.name)
			names, cells = append(names, c.name), append(cells, text)
			object[c.name] = text
			if c.coded && rapid.Bool().Draw(t, c.name+" is an object") {
				object[c.name] = map[string]any{"value": text}
			}
		}
		var table bytes.Buffer
		w := csv.NewWriter(&table)
		w.WriteAll([][]string{names, cells})
		line, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		one, _, errOne := rows(t, table.String())
		other, _, errOther := rows(t, string(line))
		if errOne != nil || errOther != nil || len(one) != 1 || len(other) != 1 {
			t.Fatalf("got %+v, %v and %+v, %v", one, errOne, other, errOther)
		}
		one[0].line = other[0].line
		if (one[0].reason == "") != (other[0].reason == "") || one[0].item != other[0].item {
			t.Errorf("got %+v from\n%s\nand %+v from\n%s", one[0], table.String(), other[0], line)
		}
	})
}

func TestStatuses(t *testing.T) {
	for text, want := range map[string]fulfillment.ItemStatus{
		"": "", "1": "", "Item in place": "", "AVAILABLE": "", "available": "",
		"0": "TECHNICAL", "Item not in place": "TECHNICAL", "UNAVAILABLE": "TECHNICAL",
		"MISSING": "MISSING", "Missing": "MISSING",
		"LOST": "LOST_LOAN", "LOST_LOAN": "LOST_LOAN", "Lost and paid": "LOST_LOAN", "LOST_LOAN_AND_PAID": "LOST_LOAN",
		"IN_PROCESS": "WORK_ORDER_DEPARTMENT", "WORK_ORDER_DEPARTMENT": "WORK_ORDER_DEPARTMENT",
		"ON_ORDER": "ACQ", "ACQ": "ACQ", "Acquisition": "ACQ",
	} {
		if got, known := readStatus(text); !known || got != string(want) {
			t.Errorf("%q: got %q, %v, want %q", text, got, known, want)
		}
	}
	for _, text := range []string{"2", "LOAN", "TRANSIT", "HOLDSHELF", "MISSING!"} {
		if got, known := readStatus(text); known {
			t.Errorf("%q: got %q, want it unknown", text, got)
		}
	}
}

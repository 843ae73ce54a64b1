package patron

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// stored is the stored form of a record as [Same] sees it: without who wrote it last and the descriptions of codes, and
// without what the SIS said where that is nothing.
func stored(t *rapid.T, p Patron) any {
	p.Updated = Change{}
	if p.SIS == nil {
		p.SIS = &StickyFields{}
	}
	if p.Original == nil {
		p.Original = &StickyFields{}
	}
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var form any
	if err := json.Unmarshal(text, &form); err != nil {
		t.Fatal(err)
	}
	forgetDescriptions(form)
	return form
}

func forgetDescriptions(form any) {
	switch f := form.(type) {
	case map[string]any:
		delete(f, "desc")
		for _, part := range f {
			forgetDescriptions(part)
		}
	case []any:
		for _, part := range f {
			forgetDescriptions(part)
		}
	}
}

func TestDifferencesAreThoseOfTheStoredForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in, s := drawSIS(t), drawSync(t)
		before := drawSynchronised(t, in, s)
		after := before
		if rapid.Bool().Draw(t, "edited") {
			after = drawEdited(t, before)
		}
		if rapid.Bool().Draw(t, "synchronised") {
			after, _, _ = after.Synchronise(drawSIS(t), s)
		}
		want := reflect.DeepEqual(stored(t, before), stored(t, after))
		if got := Differences(before, after); (len(got) == 0) != want || Same(before, after) != want {
			t.Fatalf("the stored form is the same: %v; Same %v, differences %v", want, Same(before, after), got)
		}
	})
}

// TestEveryFieldIsCompared sets each field of a record and of its parts in turn.
func TestEveryFieldIsCompared(t *testing.T) {
	full := everyField(reflect.New(reflect.TypeFor[Patron]()).Elem(), "a").Interface().(Patron)
	if !Same(full, everyField(reflect.New(reflect.TypeFor[Patron]()).Elem(), "a").Interface().(Patron)) {
		t.Fatal("a record differs from itself")
	}
	var change func(path string, v reflect.Value, done func(path string))
	change = func(path string, v reflect.Value, done func(string)) {
		switch {
		case slices.Contains([]string{".Version", ".Synced", ".Updated"}, path) || strings.HasSuffix(path, ".Desc"):
		case v.Type() == reflect.TypeFor[Change]() || v.Type().String() == "time.Time" || v.Kind() == reflect.String || v.Kind() == reflect.Bool:
			old := reflect.New(v.Type()).Elem()
			old.Set(v)
			v.SetZero()
			done(path)
			v.Set(old)
		case v.Kind() == reflect.Struct:
			for i := range v.NumField() {
				change(path+"."+v.Type().Field(i).Name, v.Field(i), done)
			}
		case v.Kind() == reflect.Pointer:
			change(path, v.Elem(), done)
		case v.Kind() == reflect.Slice:
			change(path, v.Index(0), done)
		case v.Kind() == reflect.Map: // of changes by hand
			old := v.Interface()
			v.Set(reflect.ValueOf(map[string]Change{}))
			done(path)
			v.Set(reflect.ValueOf(old))
		default:
			t.Errorf("%s is a %s", path, v.Kind())
		}
	}
	other := everyField(reflect.New(reflect.TypeFor[Patron]()).Elem(), "a")
	change("", other, func(path string) {
		if got := Differences(full, other.Interface().(Patron)); len(got) != 1 {
			t.Errorf("%s: differences are %v", path, got)
		}
	})
}

// everyField fills a value: texts, flags, times, and one part in every list.
func everyField(v reflect.Value, text string) reflect.Value {
	switch {
	case v.Type() == reflect.TypeFor[map[string]Change]():
		v.Set(reflect.ValueOf(map[string]Change{"user_group": desk}))
	case v.Type().String() == "time.Time":
		v.Set(reflect.ValueOf(desk.At))
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Bool:
		v.SetBool(true)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			everyField(v.Field(i), text)
		}
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		everyField(v.Elem(), text)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		everyField(v.Index(0), text)
	}
	return v
}

func TestDifferencesAsALibrarianReadsThem(t *testing.T) {
	before := externalPatron()
	after := clone(before)
	after.PINHash, after.UserGroup = "secret", Code{"02", "Staff"}
	after.Emails = append(after.Emails, Email{Address: "b@example.org", Segment: InternalSegment})
	after.Addresses[0].City = "York"
	after.Manual = map[string]Change{"user_group": desk}
	want := []FieldChange{
		{"user_group", "01", "02 (Staff)"},
		{"pin_number", "", "changed"},
		{"user_group.changed_by", "", "01STAFF, 2026-11-23T09:00:00Z"},
		{"address", "1 Engine Row, London (home, preferred)", "1 Engine Row, York (home, preferred)"},
		{"email", "ada@example.org (personal, preferred)", "ada@example.org (personal, preferred); b@example.org (Internal)"},
	}
	if got := Differences(before, after); !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

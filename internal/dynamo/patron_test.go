package dynamo_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/patron"
)

func TestPatronByAnyIdentifier(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	want := create(t, s, person(1))
	if want.Version != 1 {
		t.Errorf("got version %d, want 1", want.Version)
	}
	for _, id := range []string{"reader0001", "READER0001", " reader0001 ", "B00000001", "b00000001", "S-000001"} {
		got, err := s.Patron(t.Context(), id)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Patron(%q) = %+v, %v; want %+v", id, got, err, want)
		}
	}
	got, err := s.PatronByUID(t.Context(), want.UID)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("PatronByUID = %+v, %v; want %+v", got, err, want)
	}
	for _, id := range []string{"", " ", "reader0002", strings.Repeat("x", 3000), "U#" + want.UID, "\x00"} {
		_, err := s.Patron(t.Context(), id)
		wantErr(t, err, patron.ErrNotFound)
	}
	_, err = s.PatronByUID(t.Context(), uid(2))
	wantErr(t, err, patron.ErrNotFound)
}

func TestPatronsInTheOrderAskedFor(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	var uids, want []string
	for n := range 120 {
		uids = append([]string{create(t, s, person(n)).UID}, uids...)
	}
	want = append(want, uids...)
	uids = append(uids, uid(500), uids[3])
	want = append(want, uids[3])
	all, err := s.Patrons(t.Context(), uids)
	must(t, err)
	var got []string
	for _, p := range all {
		got = append(got, p.UID)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if none, err := s.Patrons(t.Context(), nil); err != nil || len(none) != 0 {
		t.Errorf("Patrons of nobody = %v, %v", none, err)
	}
}

func TestCreatePatronRefusesTakenIdentifiers(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	create(t, s, person(1))
	for name, test := range map[string]struct {
		change func(*patron.Patron)
		want   patron.TakenError
	}{
		"primary id in another case":    {func(p *patron.Patron) { p.PrimaryID = "READER0001" }, patron.TakenError{Type: patron.PrimaryType, Value: "READER0001"}},
		"barcode":                       {func(p *patron.Patron) { p.Identifiers[0].Value = "B00000001" }, patron.TakenError{Type: "BARCODE", Value: "B00000001"}},
		"barcode is a primary id":       {func(p *patron.Patron) { p.Identifiers[0].Value = "reader0001" }, patron.TakenError{Type: "BARCODE", Value: "reader0001"}},
		"the same twice in one patron":  {func(p *patron.Patron) { p.Identifiers[1].Value = "b00000002" }, patron.TakenError{Type: "INST_ID", Value: "b00000002"}},
		"primary id again as a barcode": {func(p *patron.Patron) { p.Identifiers[0].Value = p.PrimaryID }, patron.TakenError{Type: "BARCODE", Value: "reader0002"}},
	} {
		p := person(2)
		test.change(&p)
		_, err := s.CreatePatron(t.Context(), p)
		var got *patron.TakenError
		if !errors.As(err, &got) || *got != test.want {
			t.Errorf("%s: got %#v, want %#v", name, err, test.want)
		}
		if strings.Contains(fmt.Sprint(err), test.want.Value) {
			t.Errorf("%s: the error's text holds the identifier: %v", name, err)
		}
		_, err = s.PatronByUID(t.Context(), p.UID)
		wantErr(t, err, patron.ErrNotFound)
	}
	_, err := s.CreatePatron(t.Context(), func() patron.Patron { p := person(3); p.UID = uid(1); return p }())
	wantErr(t, err, patron.ErrChanged)
}

func TestTooLargeIsRefusedBeforeAnyWrite(t *testing.T) {
	t.Parallel()
	rec := dynamotest.Record()
	s := dynamotest.Store(t, rec)
	for name, change := range map[string]func(*patron.Patron){
		"record": func(p *patron.Patron) { p.Notes = append(p.Notes, patron.Note{Text: strings.Repeat("n", 400<<10)}) },
		"identifiers": func(p *patron.Patron) {
			for n := range 90 {
				p.Identifiers = append(p.Identifiers, identifier("OTHER", fmt.Sprint("o", n)))
			}
		},
		"one identifier":   func(p *patron.Patron) { p.Identifiers[0].Value = strings.Repeat("9", 2100) },
		"empty identifier": func(p *patron.Patron) { p.Identifiers[0].Value = " " },
	} {
		p := person(1)
		change(&p)
		_, err := s.CreatePatron(t.Context(), p)
		if !errors.Is(err, patron.ErrTooLarge) {
			t.Errorf("%s: got %v, want ErrTooLarge", name, err)
		}
	}
	if used := rec.Take(); used.Attempts != 0 {
		t.Errorf("got calls %v, want none", used.Calls)
	}
}

// TestLargestRecord finds no gap between what this package refuses and what DynamoDB does.
func TestLargestRecord(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	p := create(t, s, person(1))
	low, high := 100<<10, 400<<10 // fits, does not
	for high-low > 1 {
		next := p
		next.WebSiteURL = strings.Repeat("x", (low+high)/2)
		stored, err := s.ReplacePatron(t.Context(), p, next)
		switch {
		case err == nil:
			p, low = stored, (low+high)/2
		case errors.Is(err, patron.ErrTooLarge):
			high = (low + high) / 2
		default:
			t.Fatalf("%d bytes: %v", (low+high)/2, err)
		}
	}
	if _, err := s.PatronByUID(t.Context(), p.UID); err != nil {
		t.Error(err)
	}
}

func TestReplacePatron(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	before := create(t, s, person(1))
	after := before
	after.PrimaryID = "reader-one"
	after.Identifiers = []patron.Identifier{
		identifier("OTHER", "B00000001"), // only the type is another
		identifier("BARCODE", "B11111111"),
	}
	want, err := s.ReplacePatron(t.Context(), before, after)
	must(t, err)
	if want.Version != 2 {
		t.Errorf("got version %d, want 2", want.Version)
	}
	for _, id := range []string{"READER-ONE", "B00000001", "B11111111"} {
		if got, err := s.Patron(t.Context(), id); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Patron(%q) = %+v, %v; want %+v", id, got, err, want)
		}
	}
	for _, id := range []string{"reader0001", "S-000001"} {
		_, err := s.Patron(t.Context(), id)
		wantErr(t, err, patron.ErrNotFound)
	}
	_, err = s.ReplacePatron(t.Context(), before, after)
	wantErr(t, err, patron.ErrChanged)
	_, err = s.ReplacePatron(t.Context(), person(9), person(9))
	wantErr(t, err, patron.ErrChanged)
	if _, err := s.ReplacePatron(t.Context(), want, person(2)); err == nil {
		t.Error("a patron was replaced by another")
	}
}

func TestReplacePatronRefusesTakenIdentifiers(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	a := create(t, s, person(1))
	create(t, s, person(2))
	for name, value := range map[string]string{"barcode": "B00000002", "primary id": "Reader0002"} {
		next := a
		next.Identifiers = []patron.Identifier{identifier("BARCODE", value)}
		_, err := s.ReplacePatron(t.Context(), a, next)
		var taken *patron.TakenError
		if !errors.As(err, &taken) || *taken != (patron.TakenError{Type: "BARCODE", Value: value}) {
			t.Errorf("%s: got %v, want TakenError", name, err)
		}
	}
	if got, err := s.Patron(t.Context(), "S-000001"); err != nil || !reflect.DeepEqual(got, a) {
		t.Errorf("after the refusals got %+v, %v; want %+v", got, err, a)
	}
}

// TestIdentifiersChangeHands swaps the barcodes of two patrons, which takes three steps.
func TestIdentifiersChangeHands(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	a, b := create(t, s, person(1)), create(t, s, person(2))
	replace := func(p patron.Patron, barcodes ...string) patron.Patron {
		next := p
		next.Identifiers = nil
		for _, value := range barcodes {
			next.Identifiers = append(next.Identifiers, identifier("BARCODE", value))
		}
		stored, err := s.ReplacePatron(t.Context(), p, next)
		must(t, err)
		return stored
	}
	a = replace(a)
	replace(b, "B00000001")
	replace(a, "B00000002")
	for id, want := range map[string]string{"B00000001": b.UID, "B00000002": a.UID} {
		if got, err := s.Patron(t.Context(), id); err != nil || got.UID != want {
			t.Errorf("Patron(%q) = %s, %v; want %s", id, got.UID, err, want)
		}
	}
}

func TestNoUpdateIsLost(t *testing.T) {
	t.Parallel()
	for _, writers := range []int{2, 50} {
		s := dynamotest.Store(t)
		p := create(t, s, person(1))
		var done sync.WaitGroup
		for w := range writers {
			done.Go(func() {
				for {
					before, err := s.PatronByUID(t.Context(), p.UID)
					if err != nil {
						t.Error(err)
						return
					}
					after := before
					after.Notes = append(after.Notes[:len(after.Notes):len(after.Notes)], patron.Note{Text: fmt.Sprint(w)})
					if _, err = s.ReplacePatron(t.Context(), before, after); err == nil {
						return
					}
					if !errors.Is(err, patron.ErrChanged) {
						t.Error(err)
						return
					}
				}
			})
		}
		done.Wait()
		got, err := s.PatronByUID(t.Context(), p.UID)
		must(t, err)
		if len(got.Notes) != 1+writers || got.Version != int64(1+writers) {
			t.Errorf("%d writers: got %d notes and version %d", writers, len(got.Notes)-1, got.Version)
		}
	}
}

func TestOneOfFiftyGetsTheBarcode(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	var won atomic.Int32
	var winner atomic.Value
	var done sync.WaitGroup
	for n := range 50 {
		done.Go(func() {
			p := person(n)
			p.Identifiers[0].Value = "B77777777"
			_, err := s.CreatePatron(t.Context(), p)
			var taken *patron.TakenError
			switch {
			case err == nil:
				won.Add(1)
				winner.Store(p.UID)
			case !errors.As(err, &taken) || taken.Type != "BARCODE":
				t.Errorf("got %v, want TakenError", err)
			}
		})
	}
	done.Wait()
	got, err := s.Patron(t.Context(), "B77777777")
	if err != nil || won.Load() != 1 || got.UID != winner.Load() {
		t.Errorf("got %s, %v; want one winner, have %d: %v", got.UID, err, won.Load(), winner.Load())
	}
}

package sis

import (
	"maps"
	"math"
	"testing"

	"pgregory.net/rapid"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/job"
)

func TestPlaces(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := map[position]bool{}
		var people []*person
		at := place{}
		for range rapid.IntRange(0, 50).Draw(t, "records") {
			if files := rapid.Int32Range(0, 2).Draw(t, "files"); files > 0 {
				at.file, at.number = at.file+files, 0
			}
			at.number += rapid.Int64Range(1, math.MaxInt32).Draw(t, "number")
			at.line = rapid.Int32().Draw(t, "line")
			people = append(people, newPerson(candidate{at: at}))
			want[at.position()] = true
			if got, ok := parsePlace(at.String()); !ok || got != at {
				t.Errorf("got %+v, %t; want %+v", got, ok, at)
			}
		}
		if got := decodePlaces(encodePlaces(people)); !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func FuzzDecodePlaces(f *testing.F) {
	f.Add([]byte{0, 1, 0, 1, 1, 5})
	f.Add([]byte{0xff, 0xff})
	f.Fuzz(func(t *testing.T, in []byte) {
		if got := decodePlaces(in); len(got) > len(in)/2 {
			t.Errorf("got %d places out of %d bytes", len(got), len(in))
		}
	})
}

func TestEffects(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := job.Counts{Processed: 1}
		*rapid.SampledFrom([]*int{&want.Created, &want.Updated, &want.Unchanged}).Draw(t, "kind") = 1
		for _, aspect := range []*int{&want.Blanked, &want.BlankedEmails, &want.BlankedAddresses, &want.Identifiers, &want.Protected, &want.Deactivated} {
			*aspect = rapid.IntRange(0, 1).Draw(t, "aspect")
		}
		if got := countsOf(effectOf(want)); got != want {
			t.Errorf("%s: got %+v, want %+v", effectOf(want), got, want)
		}
	})
	if got, want := countsOf(effectOf(job.Counts{Inactivated: 1})), (job.Counts{Inactivated: 1}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got, ok := parseDigest(digest{1, 2, 3}.String()); !ok || got != (digest{1, 2, 3}) {
		t.Errorf("got %v, %t", got, ok)
	}
	for _, text := range []string{"", "x", "!!!!!!!!!!!!!!!!!!!!!!"} {
		if _, ok := parseDigest(text); ok {
			t.Errorf("%q was taken for a digest", text)
		}
	}
}

// TestLargestJob stores a job with as many waiting records and files as there can be.
func TestLargestJob(t *testing.T) {
	t.Parallel()
	var people []*person
	for i := range maxWaiting {
		people = append(people, newPerson(candidate{at: place{file: int32(i / (maxWaiting / 50)), number: int64(1 + i%(maxWaiting/50)*1_000_000)}}))
	}
	var tally drop.Tally
	for i := range 50 {
		tally.Begin(i, string(make([]byte, 60_000)))
		tally.Refuse(i, string(make([]byte, 60_000)))
	}
	j := job.Job{ID: "0f", Files: tally.Files, Place: job.Place{Waiting: encodePlaces(people)}}
	if _, _, err := dynamotest.Store(t).StartJob(t.Context(), j); err != nil {
		t.Fatal(err)
	}
}

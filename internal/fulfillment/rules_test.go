package fulfillment

import (
	"reflect"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 23, 12, 0, 30, 0, time.UTC)

func booking(start, end time.Time) Request {
	return Request{Type: BookingRequest, PickupType: "LIBRARY", Booking: &Booking{Start: start, End: end}}
}

func digitization(d Digitization) Request {
	return Request{Type: DigitizationRequest, Digitization: &d}
}

func TestCheckDetails(t *testing.T) {
	part := &DigitizationError{"A partial digitization names a chapter or article, its author, or a range of pages."}
	backwards := &RefusedError{"The booking ends before it starts."}
	for _, tt := range []struct {
		name string
		r    Request
		want error
	}{
		{"booking", booking(noon, noon.Add(time.Hour)), nil},
		{"ends before it starts", booking(noon, noon.Add(-time.Hour)), backwards},
		{"ends as it starts", booking(noon, noon), backwards},
		{"no booking", Request{Type: BookingRequest, PickupType: "LIBRARY"}, &MissingError{"booking_start_date"}},
		{"no start", booking(time.Time{}, noon), &MissingError{"booking_start_date"}},
		{"no end", booking(noon, time.Time{}), &MissingError{"booking_end_date"}},
		{"a hold with a backward booking", Request{Type: Hold, PickupType: "LIBRARY", Booking: &Booking{Start: noon, End: noon.Add(-1)}}, backwards},
		{"the whole", digitization(Digitization{}), nil},
		{"a part of nothing", digitization(Digitization{Partial: true}), part},
		{"a part that is blank", digitization(Digitization{Partial: true, ChapterTitle: " ", Pages: []PageRange{{}, {From: " "}}}), part},
		{"a part and no more than a flag", digitization(Digitization{Partial: true, FullChapter: true, CopyrightSigned: true}), part},
		{"a chapter", digitization(Digitization{Partial: true, ChapterTitle: "One"}), nil},
		{"an author", digitization(Digitization{Partial: true, ChapterAuthor: "Smith"}), nil},
		{"pages", digitization(Digitization{Partial: true, Pages: []PageRange{{From: "3", To: "16"}}}), nil},
	} {
		if got := tt.r.Check(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestCheckNotPast(t *testing.T) {
	west, east := time.FixedZone("west", -8*3600), time.FixedZone("east", 13*3600)
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	long := 48 * time.Hour
	for _, tt := range []struct {
		name   string
		start  time.Time
		before *Booking
		now    time.Time
		ok     bool
	}{
		{"later", noon.Add(time.Hour), nil, noon, true},
		{"this minute", noon.Add(-10 * time.Second), nil, noon, true},
		{"this morning", noon.Add(-3 * time.Hour), nil, noon, false},
		{"yesterday", day.Add(-24 * time.Hour), nil, noon, false},
		{"today", day, nil, noon, true},
		{"today in the west, where it is late", day.Add(-24 * time.Hour), nil, day.Add(time.Hour).In(west), true},
		{"yesterday in the east, where it is early", day, nil, noon.In(east), false},
		{"as before", noon.Add(-3 * time.Hour), &Booking{Start: noon.Add(-3 * time.Hour)}, noon, true},
		{"moved into the past", noon.Add(-3 * time.Hour), &Booking{Start: noon.Add(time.Hour)}, noon, false},
	} {
		err := booking(tt.start, tt.start.Add(long)).CheckNotPast(tt.before, tt.now)
		if (err == nil) != tt.ok {
			t.Errorf("%s: got %v", tt.name, err)
		}
	}
	if err := (Request{Type: Hold}).CheckNotPast(nil, noon); err != nil {
		t.Errorf("no booking: %v", err)
	}
}

package alma

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// TestPatronThereAndBack: a legal record is the same after it was shown and read in either format.
func TestPatronThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawPatron(t)
		for _, format := range []string{asJSON, asXML} {
			body, err := encode(NewUser(want, nil, ""), format == asJSON)
			if err != nil {
				t.Fatal(err)
			}
			var u User
			if _, err := unmarshal(body, &u, format == asJSON, false); err != nil {
				t.Fatalf("%v in %s", err, body)
			}
			got, _, err := u.Patron()
			if err != nil {
				t.Fatalf("%s in %s", message(err), body)
			}
			if dropOutput(&got); !reflect.DeepEqual(got, want) {
				t.Fatalf("%s:\ngot  %+v\nwant %+v", body, got, want)
			}
		}
	})
}

func TestRequestThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawRequest(t)
		for _, format := range []string{asJSON, asXML} {
			body, err := encode(NewRequest(want, "u", 2, nil), format == asJSON)
			if err != nil {
				t.Fatal(err)
			}
			var q Request
			if _, err := unmarshal(body, &q, format == asJSON, false); err != nil {
				t.Fatalf("%v in %s", err, body)
			}
			if got, err := q.Request(); err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%s:\ngot  %+v, %v\nwant %+v", body, got, err, want)
			}
		}
	})
}

// drawText draws a text as a record may hold it: any character XML can carry, and not only white space.
func drawText(t *rapid.T, label string) string {
	runes := rapid.OneOf(rapid.RuneFrom([]rune("ab <>&\"'\r\n\t]\u00e4\u0301\U0001F600\u2028\u0085\uFEFF")), rapid.Rune())
	text := rapid.StringOfN(runes, 0, 12, -1).Draw(t, label)
	if strings.TrimSpace(text) == "" || checkText(text, "") != nil {
		return ""
	}
	return text
}

func drawCode(t *rapid.T, label string) patron.Code {
	c := Code{drawText(t, label), drawText(t, label+" desc")}
	return patron.Code(c.trimmed())
}

func drawDate(t *rapid.T, label string) patron.Date {
	if rapid.Bool().Draw(t, label) {
		return ""
	}
	return patron.DateOf(time.Unix(rapid.Int64Range(-60e9, 200e9).Draw(t, label), 0))
}

func drawTime(t *rapid.T, label string) time.Time {
	if rapid.Bool().Draw(t, label) {
		return time.Time{}
	}
	return time.UnixMilli(rapid.Int64Range(-6e13, 2e14).Draw(t, label)).UTC()
}

func drawList[T any](t *rapid.T, label string, draw func(*rapid.T) T) []T {
	n := rapid.IntRange(0, 3).Draw(t, label)
	if n == 0 {
		return nil
	}
	list := make([]T, n)
	for i := range list {
		list[i] = draw(t)
	}
	return list
}

// drawPatron fills every field by its type, and then those whose values are few.
func drawPatron(t *rapid.T) patron.Patron {
	var p patron.Patron
	fill(t, reflect.ValueOf(&p).Elem(), "patron")
	p.RecordType = rapid.SampledFrom([]patron.RecordType{patron.Public, patron.Staff, patron.Contact}).Draw(t, "record type")
	p.AccountType = rapid.SampledFrom([]patron.AccountType{patron.Internal, patron.External}).Draw(t, "account type")
	p.PasswordHash, p.PINHash, p.SIS, p.Manual = "", "", nil, nil
	p.Created, p.Updated = patron.Change{}, patron.Change{}
	for i := range p.Addresses {
		p.Addresses[i].Lines = Address{Line1: drawText(t, "1"), Line3: NullText(drawText(t, "3")), Line5: NullText(drawText(t, "5"))}.lines()
	}
	for i := range p.Roles {
		p.Roles[i].Status = patron.Code{Value: rapid.SampledFrom([]string{"ACTIVE", "INACTIVE"}).Draw(t, "role status")}
	}
	for i := range p.Blocks {
		if p.Blocks[i].Type.Value == "" {
			p.Blocks[i].Type.Value = "LOAN"
		}
	}
	dropOutput(&p)
	return p
}

// fill draws a value for every field of a struct, by the field's type.
func fill(t *rapid.T, v reflect.Value, label string) {
	switch at := v.Addr().Interface().(type) {
	case *patron.Code:
		*at = drawCode(t, label)
	case *fulfillment.Code:
		*at = fulfillment.Code(drawCode(t, label))
	case *patron.Date:
		*at = drawDate(t, label)
	case *time.Time:
		*at = drawTime(t, label)
	case *patron.Status:
		*at = rapid.SampledFrom([]patron.Status{patron.Active, patron.Inactive}).Draw(t, label)
	case *patron.Segment:
		*at = rapid.SampledFrom([]patron.Segment{patron.InternalSegment, patron.ExternalSegment}).Draw(t, label)
	case *string:
		*at = drawText(t, label)
	case *bool:
		*at = rapid.Bool().Draw(t, label)
	default:
		fillKind(t, v, label)
	}
}

func fillKind(t *rapid.T, v reflect.Value, label string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), fmt.Sprint(label, ".", v.Type().Field(i).Name))
		}
	case reflect.Slice:
		list := drawList(t, label, func(t *rapid.T) reflect.Value {
			one := reflect.New(v.Type().Elem()).Elem()
			fill(t, one, label)
			return one
		})
		for _, one := range list {
			v.Set(reflect.Append(v, one))
		}
	}
}

func drawRequest(t *rapid.T) fulfillment.Request {
	var r fulfillment.Request
	fill(t, reflect.ValueOf(&r).Elem(), "request")
	r.Version, r.HeldItemID, r.Ended, r.EndReason, r.EndNote = 0, "", time.Time{}, fulfillment.Code{}, ""
	r.Type = rapid.SampledFrom([]fulfillment.RequestType{fulfillment.Hold, fulfillment.BookingRequest}).Draw(t, "type")
	r.Status = rapid.SampledFrom([]fulfillment.RequestStatus{fulfillment.NotStarted, fulfillment.InProcess, fulfillment.OnHoldShelf,
		fulfillment.History}).Draw(t, "status")
	r.PickupType = rapid.SampledFrom([]string{"", "LIBRARY", "CIRCULATION_DESK"}).Draw(t, "pickup type")
	r.PickupLibrary = fulfillment.Code{Value: "MAIN", Desc: "Main Library"}
	r.PickupCirculationDesk = rapid.SampledFrom([]fulfillment.Code{{}, {Value: "D"}, {Value: "D", Desc: "Desk"}}).Draw(t, "desk")
	r.LastInterestDate, r.ExpiryDate = string(drawDate(t, "interest")), string(drawDate(t, "expiry"))
	if r.Type == fulfillment.BookingRequest {
		start := moment.Add(time.Duration(rapid.IntRange(0, 1e6).Draw(t, "start")) * time.Millisecond)
		r.Booking = &fulfillment.Booking{Start: start, End: start.Add(time.Hour)}
	}
	if rapid.Bool().Draw(t, "digitised") {
		r.Type, r.Digitization = fulfillment.DigitizationRequest, new(fulfillment.Digitization)
		fill(t, reflect.ValueOf(r.Digitization).Elem(), "digitization")
	}
	return r
}

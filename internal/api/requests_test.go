package api

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

const holdAtMain = `{"request_type":"HOLD","pickup_location_type":"LIBRARY","pickup_location_library":"MAIN"}`

// places are the places in the queue of the first request of each patron; 0 for one without any.
func places(d *desk, people ...string) []int {
	out := make([]int, len(people))
	for i, id := range people {
		list, _ := d.must(200, "GET", "/users/"+id+"/requests", "").object(d.t)["user_request"].([]any)
		if len(list) > 0 {
			place, _ := list[0].(map[string]any)["place_in_queue"].(float64)
			out[i] = int(place)
		}
	}
	return out
}

func TestPlaceInQueueAfterACancelInTheMiddle(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.item("1", "b1", "99")
	people := []string{"anna", "bert", "carl", "dora"}
	ids := map[string]any{}
	for _, id := range people {
		d.must(200, "POST", "/users", person(id))
		ids[id] = d.must(200, "POST", "/users/"+id+"/requests?mms_id=99", holdAtMain).object(t)["request_id"]
	}
	if got, want := fmt.Sprint(places(d, people...)), "[1 2 3 4]"; got != want {
		t.Fatalf("places %s, want %s", got, want)
	}
	d.must(204, "DELETE", fmt.Sprintf("/users/bert/requests/%s?reason=CancelledAtPatronRequest&note=moved&notify_user=false", ids["bert"]), "")
	if got, want := fmt.Sprint(places(d, people...)), "[1 0 2 3]"; got != want {
		t.Errorf("places %s, want %s", got, want)
	}
	if got := d.call("GET", fmt.Sprintf("/users/bert/requests/%s", ids["bert"]), ""); got.code() != "401694" {
		t.Errorf("the cancelled request: got %d %s", got.status, got.body)
	}
	history := d.must(200, "GET", "/users/bert/requests?status=history", "").object(t)
	if history["total_record_count"] != float64(1) {
		t.Errorf("history is %v", history)
	}
}

func TestCreateRequestRefuses(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.item("1", "b1", "99")
	d.item("2", "b2", "99")
	d.must(200, "POST", "/users", person("ada"))
	d.must(200, "POST", "/users", person("gone", `"expiry_date":"2001-01-01Z"`))
	d.must(200, "POST", "/users", person("off", `"status":{"value":"INACTIVE"}`))
	d.must(200, "POST", "/users", person("stop", `"user_block":[{"block_description":{"value":"02-GLOBAL"}}]`))
	for _, tt := range []struct{ name, path, body, code string }{
		{"unknown user", "/users/none/requests?mms_id=99", holdAtMain, "401861"},
		{"expired user", "/users/gone/requests?mms_id=99", holdAtMain, "401129"},
		{"inactive user", "/users/off/requests?mms_id=99", holdAtMain, "401129"},
		{"blocked user", "/users/stop/requests?mms_id=99", holdAtMain, "401129"},
		{"neither title nor item", "/users/ada/requests", holdAtMain, "401664"},
		{"unknown title", "/users/ada/requests?mms_id=98", holdAtMain, "401129"},
		{"unknown item", "/users/ada/requests?item_pid=77", holdAtMain, "60328"},
		{"item of another title", "/users/ada/requests?item_pid=1&mms_id=98", holdAtMain, "60328"},
		{"no type", "/users/ada/requests?mms_id=99", `{"pickup_location_type":"LIBRARY","pickup_location_library":"MAIN"}`, "401664"},
		{"illegal type", "/users/ada/requests?mms_id=99", `{"request_type":"WISH"}`, "60331"},
		{"no pickup", "/users/ada/requests?mms_id=99", `{"request_type":"HOLD"}`, "401664"},
		{"no pickup library", "/users/ada/requests?mms_id=99", `{"request_type":"HOLD","pickup_location_type":"LIBRARY"}`, "401664"},
		{"unknown library", "/users/ada/requests?mms_id=99", `{"request_type":"HOLD","pickup_location_type":"LIBRARY","pickup_location_library":"MOON"}`, "401891"},
		{"unknown desk", "/users/ada/requests?mms_id=99", `{"request_type":"HOLD","pickup_location_type":"CIRCULATION_DESK","pickup_location_library":"MAIN","pickup_location_circulation_desk":"X"}`, "401895"},
		{"home delivery", "/users/ada/requests?mms_id=99", `{"request_type":"HOLD","pickup_location_type":"USER_HOME_ADDRESS"}`, "60308"},
		{"volume nobody has", "/users/ada/requests?mms_id=99", `{"request_type":"HOLD","pickup_location_type":"LIBRARY","pickup_location_library":"MAIN","description":"v.9"}`, "401129"},
		{"booking in the past", "/users/ada/requests?mms_id=99", bookingAtMain("2001-02-03T10:00:00Z", "2099-02-03T10:00:00Z"), "60331"},
		{"booking that ends before it starts", "/users/ada/requests?mms_id=99", bookingAtMain("2099-02-03T10:00:00Z", "2099-02-03T09:00:00Z"), "60331"},
		{"part of nothing", "/users/ada/requests?mms_id=99", `{"request_type":"DIGITIZATION","partial_digitization":true}`, "60330"},
		{"booking without dates", "/users/ada/requests?mms_id=99", `{"request_type":"BOOKING","pickup_location_type":"LIBRARY","pickup_location_library":"MAIN"}`, "401664"},
		{"no body", "/users/ada/requests?mms_id=99", "", "401676"},
	} {
		if got := d.call("POST", tt.path, tt.body); got.status != 400 || got.code() != tt.code {
			t.Errorf("%s: got %d %s, want %s", tt.name, got.status, got.body, tt.code)
		}
	}
	if got := d.must(200, "GET", "/users/ada/requests", "").body; got != `{"total_record_count":0}` {
		t.Errorf("requests are %s", got)
	}
	d.must(200, "POST", "/users/ada/requests?item_pid=1", holdAtMain)
	for _, path := range []string{"item_pid=1", "mms_id=99"} {
		if got := d.call("POST", "/users/ada/requests?"+path, holdAtMain); got.code() != "401136" {
			t.Errorf("again by %s: got %d %s", path, got.status, got.body)
		}
	}
	d.must(200, "POST", "/users/ada/requests?item_pid=2", holdAtMain)
	d.must(200, "POST", "/users/ada/requests?item_pid=2&allow_same_request=true", holdAtMain)
}

func TestDoubleClickPlacesOneRequest(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.item("1", "b1", "99")
	d.must(200, "POST", "/users", person("ada"))
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() { d.call("POST", "/users/ada/requests?mms_id=99", holdAtMain) })
	}
	wg.Wait()
	if got := d.must(200, "GET", "/users/ada/requests", "").object(t)["total_record_count"]; got != float64(1) {
		t.Errorf("%v requests", got)
	}
}

func TestChangeRequest(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.item("1", "b1", "99")
	d.must(200, "POST", "/users", person("ada"))
	created := d.must(200, "POST", "/users/ada/requests?item_pid=1", holdAtMain)
	path := fmt.Sprintf("/users/ada/requests/%s", created.object(t)["request_id"])
	science := `{"request_type":"HOLD","pickup_location_type":"LIBRARY","pickup_location_library":"SCIENCE","comment":"soon","last_interest_date":"2030-01-31Z"}`
	changed := d.must(200, "PUT", path, science, "If-Match: "+created.header.Get("ETag")).object(t)
	if changed["pickup_location_library"] != "SCIENCE" || changed["comment"] != "soon" || changed["last_interest_date"] != "2030-01-31Z" || changed["place_in_queue"] != float64(1) {
		t.Errorf("got %v", changed)
	}
	if got := d.call("PUT", path, science, "If-Match: "+created.header.Get("ETag")); got.status != 412 {
		t.Errorf("stale: got %d", got.status)
	}
	if got := d.call("PUT", path, `{"request_type":"BOOKING","pickup_location_type":"LIBRARY","pickup_location_library":"MAIN"}`); got.code() != "401652" {
		t.Errorf("another type: got %d %s", got.status, got.body)
	}
	for _, tt := range []struct{ query, code string }{
		{"", "401664"}, {"reason=Boredom", "401652"},
	} {
		if got := d.call("DELETE", path+"?"+tt.query, ""); got.code() != tt.code {
			t.Errorf("cancel with %q: got %d %s", tt.query, got.status, got.body)
		}
	}
	if got := d.call("DELETE", "/users/ada/requests/nonsense?reason=CannotBeFulfilled", ""); got.code() != "401694" {
		t.Errorf("cancel nothing: got %d %s", got.status, got.body)
	}
	if got := d.call("POST", path+"?op=next_step", ""); got.code() != "401932" {
		t.Errorf("next step of a hold: got %d %s", got.status, got.body)
	}
}

// bookingAtMain is the JSON of a booking.
func bookingAtMain(start, end string) string {
	return strings.Replace(strings.Replace(holdAtMain, "HOLD", "BOOKING", 1), "{", `{"booking_start_date":"`+start+`","booking_end_date":"`+end+`",`, 1)
}

func TestChangeRequestRefusesDetails(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.item("1", "b1", "99")
	d.must(200, "POST", "/users", person("ada"))
	part := `{"request_type":"DIGITIZATION","partial_digitization":true,"required_pages_range":[{"from_page":"3","to_page":"16"}]}`
	booked := d.must(200, "POST", "/users/ada/requests?mms_id=99", bookingAtMain("2099-02-03Z", "2099-02-04Z")).object(t)["request_id"]
	scan := d.must(200, "POST", "/users/ada/requests?mms_id=99", part).object(t)["request_id"]
	for _, tt := range []struct {
		id         any
		body, code string
	}{
		{booked, bookingAtMain("2001-02-03Z", "2099-02-04Z"), "401652"},
		{booked, bookingAtMain("2099-02-05Z", "2099-02-04Z"), "401652"},
		{scan, `{"request_type":"DIGITIZATION","partial_digitization":true}`, "60330"},
	} {
		if got := d.call("PUT", fmt.Sprintf("/users/ada/requests/%s", tt.id), tt.body); got.status != 400 || got.code() != tt.code {
			t.Errorf("%s: got %d %s, want %s", tt.body, got.status, got.body, tt.code)
		}
	}
	d.must(200, "PUT", fmt.Sprintf("/users/ada/requests/%s", booked), bookingAtMain("2099-02-03Z", "2099-03-04Z"))
}

func TestDigitizationAdvances(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.item("1", "b1", "99")
	d.must(200, "POST", "/users", person("ada"))
	id := d.must(200, "POST", "/users/ada/requests?item_pid=1", `{"request_type":"DIGITIZATION","partial_digitization":true,"chapter_or_article_title":"One"}`).object(t)["request_id"]
	path := fmt.Sprintf("/users/ada/requests/%s?op=next_step", id)
	if got := d.must(200, "POST", path, "").object(t); got["request_status"] != "IN_PROCESS" || got["place_in_queue"] != nil {
		t.Errorf("got %v", got)
	}
	d.must(200, "POST", path, "")
	for _, path := range []string{path, "/users/ada/requests/nonsense?op=next_step", "/users/ada/requests/999?op=next_step"} {
		if got := d.call("POST", path, ""); got.code() != "401907" {
			t.Errorf("no such request any more: got %d %s", got.status, got.body)
		}
	}
}

// TestStepsAtOnce begins a digitization several times at once: one step is made by each of those who won, and the
// others read that theirs was not.
func TestStepsAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.item("1", "b1", "99")
	d.must(200, "POST", "/users", person("ada"))
	id := d.must(200, "POST", "/users/ada/requests?item_pid=1", `{"request_type":"DIGITIZATION","partial_digitization":true,"chapter_or_article_title":"One"}`).object(t)["request_id"]
	var group sync.WaitGroup
	answers := make([]answer, 8)
	for i := range answers {
		group.Go(func() { answers[i] = d.call("POST", fmt.Sprintf("/users/ada/requests/%s?op=next_step", id), "") })
	}
	group.Wait()
	won := 0
	for _, a := range answers {
		switch {
		case a.status == 200:
			won++
		case a.code() == "401934" && strings.Contains(a.body, "nothing of yours was saved"), a.code() == "401907":
		default:
			t.Errorf("got %d %s", a.status, a.body)
		}
	}
	if won < 1 || won > 2 {
		t.Errorf("%d steps were made, want 1 or 2", won)
	}
}

package api

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// unnamed is the JSON of a record without a primary id.
func unnamed(fields ...string) string {
	return strings.Replace(person("", fields...), `"primary_id":"",`, "", 1)
}

// TestCreatedOnce sends the same record with the same key again, at once and later.
func TestCreatedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	body := unnamed()
	ids := make([]string, 4)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			answer := d.call("POST", "/users", body, "Idempotency-Key: k1")
			if id, ok := answer.objectOrNil()["primary_id"].(string); ok && answer.status == 200 {
				ids[i] = id
			} else {
				t.Errorf("got %d %s", answer.status, answer.body)
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("created %v, want one", ids)
		}
	}
	again := d.must(200, "POST", "/users", body, "Idempotency-Key: k1").object(t)
	if again["primary_id"] != ids[0] {
		t.Errorf("again it is %v, want %s", again["primary_id"], ids[0])
	}
	for _, other := range []struct{ body, key string }{
		{body, "Idempotency-Key: k2"}, {unnamed(`"gender":{"value":"OTHER"}`), "Idempotency-Key: k1"}, {body, "Accept: application/json"},
	} {
		if made := d.must(200, "POST", "/users", other.body, other.key).object(t); made["primary_id"] == ids[0] {
			t.Errorf("%s: nobody new was created", other.key)
		}
	}
}

// TestCreatedOnceWithABarcode answers with the record instead of refusing its identifier.
func TestCreatedOnceWithABarcode(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	body := person("ada", `"user_identifier":[{"id_type":{"value":"BARCODE"},"value":"3100"}]`)
	first := d.must(200, "POST", "/users", body, "Idempotency-Key: k1")
	again := d.must(200, "POST", "/users", body, "Idempotency-Key: k1")
	if first.body != again.body || first.header.Get("ETag") != again.header.Get("ETag") {
		t.Errorf("again got %s, want %s", again.body, first.body)
	}
	if refused := d.must(400, "POST", "/users", body); refused.code() != "401851" {
		t.Errorf("without the key got %s", refused.body)
	}
	d.must(400, "POST", "/users", person("bert"), "Idempotency-Key: "+strings.Repeat("k", 256))
}

// TestNotCreatedAgainAfterDeletion: a late repetition brings nobody back, and with another key the record is a new one, which
// a search finds.
func TestNotCreatedAgainAfterDeletion(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	body := person("ada", `"user_identifier":[{"id_type":{"value":"BARCODE"},"value":"3100"}]`)
	for _, key := range []string{"Idempotency-Key: k1", "Idempotency-Key: k2"} {
		d.must(200, "POST", "/users", body, key)
		time.Sleep(time.Second) // the directory may be that old
		if found := d.must(200, "GET", "/users?q=primary_id~ada", "").object(t); found["total_record_count"] != 1.0 {
			t.Errorf("found %v", found)
		}
		d.must(204, "DELETE", "/users/3100", "")
		before := d.contents()
		if got := d.must(400, "POST", "/users", body, key); got.code() != "401666" {
			t.Errorf("after the deletion: got %s", got.body)
		}
		if after := d.contents(); after != before {
			t.Errorf("the tables changed: %s", difference(before, after))
		}
	}
}

package api

import (
	"strings"
	"testing"
)

// TestRenewKey repeats a renewal with its key, whatever happened in between: the loan is renewed once.
func TestRenewKey(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada"})
	path, other := d.lend("ada", "b1"), d.lend("ada", "b2")
	tag := d.must(200, "GET", path, "").header.Get("ETag")
	c.move(7)
	const key = "Idempotency-Key: k1"
	renew := path + "?op=renew"
	first := d.must(200, "POST", renew, "", key, "If-Match: "+tag)
	again := func(what string) answer {
		t.Helper()
		before := d.contents()
		got := d.must(200, "POST", renew, "", key)
		if got.object(t)["patrondesk_renewals"] != 1.0 {
			t.Errorf("%s: got %s", what, got.body)
		}
		if tagged := d.must(200, "POST", renew, "", key, "If-Match: "+tag); tagged.body != got.body {
			t.Errorf("%s, with the tag as it was: got %s, want %s", what, tagged.body, got.body)
		}
		if after := d.contents(); after != before {
			t.Errorf("%s: the tables changed: %s", what, difference(before, after))
		}
		return got
	}
	if got := again("at once"); got.body != first.body {
		t.Errorf("got %s, want %s", got.body, first.body)
	}
	c.move(7)
	again("a week later")
	for path, body := range map[string]string{other + "?op=renew": "", "/users/ada/loans?item_barcode=b3": atMain} {
		if got := d.call("POST", path, body, key); got.code() != "401666" || !strings.Contains(got.body, "used for something else") {
			t.Errorf("%s with the same key: got %d %s", path, got.status, got.body)
		}
	}
	if got := d.call("POST", renew, "", "Idempotency-Key: "+strings.Repeat("k", 256)); got.code() != "401666" {
		t.Errorf("an endless key: got %d %s", got.status, got.body)
	}
	d.scan("b1", scanAtMain)
	if got := again("returned"); got.object(t)["loan_status"] != "COMPLETE" {
		t.Errorf("returned: got %s", got.body)
	}
	if got := d.call("POST", renew, "", "Idempotency-Key: k2"); got.code() != "401823" {
		t.Errorf("returned, with another key: got %d %s", got.status, got.body)
	}
	checkLending(t, d)
}

// TestManyClicksRenewOnce presses the same button many times at once, with a key and without.
func TestManyClicksRenewOnce(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"Idempotency-Key: click", "Idempotency-Key: "} {
		d, c := lendingDesk(t, []string{"ada"})
		path := d.lend("ada", "b1")
		c.move(7)
		renewed := 0
		for _, a := range d.atOnce(10, "POST", path+"?op=renew", "", header) {
			switch {
			case a.status == 200 && a.object(t)["patrondesk_renewals"] == 1.0:
				renewed++
			case a.code() != "401822" || !strings.Contains(a.body, "it would end no later than it does"):
				t.Errorf("got %d %s", a.status, a.body)
			}
		}
		if withKey := header != "Idempotency-Key: "; renewed != 10 && withKey || renewed != 1 && !withKey {
			t.Errorf("%q: %d were answered with the renewed loan", header, renewed)
		}
		checkLending(t, d)
	}
}

// TestRenewAllKey repeats a renewal of all with its key: each loan is renewed once, and the answer is the same.
func TestRenewAllKey(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada"})
	d.lend("ada", "b1")
	d.lend("ada", "b2")
	c.move(7)
	const call, key = "/users/ada/loans/all?op=renew", "Idempotency-Key: k1"
	first := d.must(200, "POST", call, "", key)
	if strings.Count(first.body, "401193;") != 2 {
		t.Fatalf("got %s", first.body)
	}
	before := d.contents()
	if again := d.must(200, "POST", call, "", key); again.body != first.body {
		t.Errorf("again: got %s, want %s", again.body, first.body)
	}
	if after := d.contents(); after != before {
		t.Errorf("the tables changed: %s", difference(before, after))
	}
	c.move(7)
	if next := d.must(200, "POST", call, "", "Idempotency-Key: k2"); strings.Count(next.body, `"patrondesk_renewals":2`) != 2 {
		t.Errorf("with another key: got %s", next.body)
	}
	if got := d.call("POST", call, "", "Idempotency-Key: "+strings.Repeat("k", 256)); got.code() != "401666" {
		t.Errorf("an endless key: got %d %s", got.status, got.body)
	}
	checkLending(t, d)
}

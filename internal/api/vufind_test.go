package api

import "testing"

// TestRenewAsVuFindDoes renews a loan at the address VuFind's driver for Alma uses, with a slash at its end.
func TestRenewAsVuFindDoes(t *testing.T) {
	t.Parallel()
	d, c := lendingDesk(t, []string{"ada"})
	path := d.lend("ada", "b1")
	c.move(3)
	if got := d.must(200, "POST", path+"/?op=renew", "").object(t); got["process_status"] != "RENEW" {
		t.Errorf("got %v", got)
	}
	if got := d.call("POST", "/users/ada/loans/1/2?op=renew", ""); got.code() != "401823" {
		t.Errorf("a longer path: got %d %s", got.status, got.body)
	}
}

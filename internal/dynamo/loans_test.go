package dynamo_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

func loanIDs(all []fulfillment.Loan) []string {
	var ids []string
	for _, l := range all {
		ids = append(ids, l.ID)
	}
	return ids
}

func TestLoanLivesAndEnds(t *testing.T) {
	t.Parallel()
	c := &clock{at: noon}
	s := dynamotest.Store(t, dynamotest.Clock(c.now))
	p := create(t, s, person(1))
	first, second := lend(t, s, p.UID, loan(1, volume(1, "991"))), lend(t, s, p.UID, loan(2, volume(2, "991")))
	want := loan(1, volume(1, "991"))
	want.Version = 1
	if got, err := s.Loan(t.Context(), p.UID, first.ID); err != nil || !reflect.DeepEqual(got, want) || !reflect.DeepEqual(first, want) {
		t.Errorf("got %+v and %+v, %v; want %+v", first, got, err, want)
	}
	renewed := first
	renewed.Due, renewed.Renewals, renewed.Process = first.Due.AddDate(0, 0, 7), 1, fulfillment.Renewed
	first = change(t, s, p.UID, first, renewed)
	account, err := s.Account(t.Context(), p.UID)
	must(t, err)
	dues := []int64{second.Due.Unix() / 60, first.Due.Unix() / 60}
	if account.Loans != 2 || !slices.Equal(account.Dues, dues) || account.Version != 3 || first.Version != 2 {
		t.Errorf("got %+v with loan %+v, want 2 loans due %v", account, first, dues)
	}

	ended := change(t, s, p.UID, first, returned(first, noon.Add(time.Hour)))
	over := change(t, s, p.UID, second, returned(second, noon.Add(30*time.Hour)))
	if got, err := s.PastLoans(t.Context(), p.UID); err != nil || !reflect.DeepEqual(got, []fulfillment.Loan{over, ended}) || ended.Version != 3 {
		t.Errorf("past: got %+v, %v; want %+v", got, err, []fulfillment.Loan{over, ended})
	}
	for _, id := range []string{first.ID, "404", "", "U#1", strings.Repeat("1", 3000)} {
		_, err := s.Loan(t.Context(), p.UID, id)
		wantErr(t, err, fulfillment.ErrLoanNotFound)
	}
	if got, err := s.Account(t.Context(), p.UID); err != nil || !got.Idle() || got.Version != 5 {
		t.Errorf("got account %+v, %v; want an idle one in version 5", got, err)
	}
	c.move(368 * 24 * time.Hour)
	if got, err := s.PastLoans(t.Context(), p.UID); err != nil || len(got) != 0 {
		t.Errorf("a year later: got %+v, %v; want none", got, err)
	}
}

func TestAccountOfOneWhoNeverBorrowed(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	if got, err := s.Account(t.Context(), uid(1)); err != nil || !reflect.DeepEqual(got, fulfillment.Account{}) {
		t.Errorf("got %+v, %v; want the zero account", got, err)
	}
	account, loans, err := s.FirstLoans(t.Context(), uid(1), 10)
	if err != nil || len(loans) != 0 || !reflect.DeepEqual(account, fulfillment.Account{}) {
		t.Errorf("got %+v, %v, %v; want none", account, loans, err)
	}
}

// manyLoans gives a patron that many loans, with a description of that size each.
func manyLoans(t *testing.T, s *dynamo.Store, uid string, n, size int) {
	t.Helper()
	var account fulfillment.Account
	for done := 0; done < n; {
		var m fulfillment.Movement
		before := account
		for range min(40, n-done) {
			l := loan(done, volume(done, ""))
			l.Description = strings.Repeat("d", size)
			account = account.Change(fulfillment.Loan{}, l)
			m.Loans = append(m.Loans, fulfillment.LoanChange{UID: uid, After: l})
			done++
		}
		m.Accounts = []fulfillment.AccountChange{{UID: uid, Before: before, After: account}}
		written, err := s.Move(t.Context(), m)
		must(t, err)
		account = written.Accounts[0].After
	}
}

func TestFirstLoans(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	manyLoans(t, s, uid(1), 12, 0)
	charge(t, s, create(t, s, person(2)).UID, fulfillment.Fee{}, fine(1, 100))
	all, err := s.ActiveLoans(t.Context(), uid(1))
	if err != nil || len(all) != 12 || !slices.IsSorted(loanIDs(all)) {
		t.Fatalf("got %v, %v; want 12 loans in order", loanIDs(all), err)
	}
	for limit, want := range map[int]int{0: 0, 1: 1, 11: 11, 12: 12, 100: 12} {
		account, got, err := s.FirstLoans(t.Context(), uid(1), limit)
		if err != nil || account.Loans != 12 || len(got) != want || !slices.Equal(loanIDs(got), loanIDs(all[:want])) {
			t.Errorf("the first %d: got %v of %d, %v", limit, loanIDs(got), account.Loans, err)
		}
	}
	if account, got, err := s.FirstLoans(t.Context(), uid(2), 5); err != nil || account.Balance != 100 || len(got) != 0 {
		t.Errorf("who only owes: got %+v, %v, %v", account, got, err)
	}
}

// TestLoansOfManyPages reads more than one page (1 MB) of loans.
func TestLoansOfManyPages(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	manyLoans(t, s, uid(1), 120, 20<<10)
	all, err := s.ActiveLoans(t.Context(), uid(1))
	if err != nil || len(all) != 120 || !slices.IsSorted(loanIDs(all)) {
		t.Errorf("got %d loans, %v; want 120 in order", len(all), err)
	}
	account, first, err := s.FirstLoans(t.Context(), uid(1), 100)
	if err != nil || account.Loans != 120 || !slices.Equal(loanIDs(first), loanIDs(all[:100])) {
		t.Errorf("got %d first loans of %d, %v; want 100 of 120", len(first), account.Loans, err)
	}
}

// TestFirstLoansCostTheSame holds that a patron with a thousand loans costs what one with eight does, but for the
// size of the account.
func TestFirstLoansCostTheSame(t *testing.T) {
	t.Parallel()
	rec := dynamotest.Record()
	s := dynamotest.Store(t, rec)
	used := map[int]dynamotest.Usage{}
	for _, n := range []int{8, 1000} {
		manyLoans(t, s, uid(n), n, 0)
		rec.Take()
		_, first, err := s.FirstLoans(t.Context(), uid(n), 8)
		if err != nil || len(first) != 8 {
			t.Fatalf("got %d loans, %v; want 8", len(first), err)
		}
		used[n] = rec.Take()
	}
	if few, many := used[8], used[1000]; fmt.Sprint(few.Calls, many.Calls) != "map[Query:1] map[Query:1]" || many.Reads > few.Reads+3 {
		t.Errorf("got %+v with 8 loans and %+v with 1,000", few, many)
	}
	t.Logf("the first 8 of 8 loans: %v read units; of 1,000: %v", used[8].Reads, used[1000].Reads)
}

func TestFees(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	p := create(t, s, person(1))
	var charged []fulfillment.Fee
	for n := range 3 {
		charged = append(charged, charge(t, s, p.UID, fulfillment.Fee{}, fine(n, 300)))
	}
	part := charge(t, s, p.UID, charged[1], paid(charged[1], 100))
	whole := charge(t, s, p.UID, charged[0], paid(charged[0], 300))
	if part.Version != 2 || whole.Version != 2 {
		t.Errorf("got versions %d and %d, want 2", part.Version, whole.Version)
	}
	if got, err := s.OpenFees(t.Context(), p.UID); err != nil || !reflect.DeepEqual(got, []fulfillment.Fee{part, charged[2]}) {
		t.Errorf("open: got %+v, %v", got, err)
	}
	if got, err := s.ClosedFees(t.Context(), p.UID); err != nil || !reflect.DeepEqual(got, []fulfillment.Fee{whole}) {
		t.Errorf("closed: got %+v, %v", got, err)
	}
	for _, want := range []fulfillment.Fee{part, whole, charged[2]} {
		if got, err := s.Fee(t.Context(), p.UID, want.ID); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v; want %+v", got, err, want)
		}
	}
	for _, id := range []string{"", "404", "F#1", strings.Repeat("1", 3000)} {
		_, err := s.Fee(t.Context(), p.UID, id)
		wantErr(t, err, fulfillment.ErrFeeNotFound)
	}
	account, err := s.Account(t.Context(), p.UID)
	if err != nil || account.Balance != 500 || account.Fees != 2 {
		t.Errorf("got %+v, %v; want two fees and 500 owed", account, err)
	}
	reopened := whole
	reopened.Status, reopened.Original = fulfillment.FeeActive, 700
	reopened = charge(t, s, p.UID, whole, reopened)
	if got, err := s.Fee(t.Context(), p.UID, whole.ID); err != nil || !reflect.DeepEqual(got, reopened) {
		t.Errorf("opened again: got %+v, %v; want %+v", got, err, reopened)
	}
}

func TestCustody(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	p := create(t, s, person(1))
	l := lend(t, s, p.UID, loan(1, volume(1, "991")))
	all, err := s.CustodyOf(t.Context(), []string{volume(1, "").ID, volume(2, "").ID, volume(1, "").ID})
	must(t, err)
	lent, err := s.Custody(t.Context(), l.ItemID)
	want := onLoan(p.UID, l)
	if want.Version = lent.Version; err != nil || lent != want || lent.Version == 0 {
		t.Errorf("got %+v, %v; want %+v", lent, err, want)
	}
	if len(all) != 2 || all[l.ItemID] != lent || all[volume(2, "").ID] != (fulfillment.Custody{ItemID: volume(2, "").ID}) {
		t.Errorf("got %+v", all)
	}
	for _, id := range []string{volume(2, "").ID, strings.Repeat("1", 3000)} {
		if got, err := s.Custody(t.Context(), id); err != nil || got != (fulfillment.Custody{ItemID: id}) {
			t.Errorf("got %+v, %v; want it at its place", got, err)
		}
	}
}

func TestIdentified(t *testing.T) {
	t.Parallel()
	rec := dynamotest.Record()
	s := dynamotest.Store(t, rec)
	p := create(t, s, person(1))
	rec.Take()
	for identifier, want := range map[string]string{"READER0001": patron.PrimaryType, "b00000001": "BARCODE"} {
		got, idType, err := s.Identified(t.Context(), identifier)
		if err != nil || got != p.UID || idType != want {
			t.Errorf("Identified(%q) = %q, %q, %v; want %q, %q", identifier, got, idType, err, p.UID, want)
		}
	}
	if used := rec.Take(); used.Attempts != 2 {
		t.Errorf("got %+v, want one call each", used)
	}
	for _, nobody := range []string{"", "nobody", strings.Repeat("1", 3000)} {
		_, _, err := s.Identified(t.Context(), nobody)
		wantErr(t, err, patron.ErrNotFound)
	}
}

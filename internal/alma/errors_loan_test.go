package alma

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"patrondesk/internal/fulfillment"
)

func obstacles(kinds ...fulfillment.ObstacleKind) *fulfillment.ObstaclesError {
	e := new(fulfillment.ObstaclesError)
	for _, kind := range kinds {
		e.Obstacles = append(e.Obstacles, fulfillment.Obstacle{Kind: kind, Words: "Because of " + string(kind) + "."})
	}
	return e
}

// TestLoanRefused has the code of every obstacle.
func TestLoanRefused(t *testing.T) {
	for kind, want := range map[fulfillment.ObstacleKind]string{
		fulfillment.Expired:     "401168",
		fulfillment.NotLoanable: "401651", fulfillment.ItemOnLoan: "401651", fulfillment.ItemHeld: "401651", fulfillment.ItemRequested: "401651",
		fulfillment.NoBorrower: "401652", fulfillment.Blocked: "401652", fulfillment.LoanLimit: "401652",
		fulfillment.OverdueLimit: "401652", fulfillment.FeeLimit: "401652",
	} {
		got := LoanRefused(obstacles(kind))
		if len(got) != 1 || got[0].Code != want || got[0].Status != 400 || !strings.HasSuffix(got[0].Message, ". Because of "+string(kind)+".") {
			t.Errorf("%s: got %+v, want %s", kind, got, want)
		}
	}
}

func TestRenewRefused(t *testing.T) {
	got := RenewRefused("7", obstacles(fulfillment.NoRenewals, fulfillment.Blocked))
	want := []string{"Cannot renew loan: Loan ID 7. Because of NO_RENEWALS.", "Cannot renew loan: Loan ID 7. Because of BLOCKED."}
	for i := range want {
		if len(got) != 2 || got[i].Code != "401822" || got[i].Message != want[i] {
			t.Fatalf("got %v, want %q", got, want)
		}
	}
}

// TestErrorsForLogs proves that a list tells codes alone, and that it is found wherever it is wrapped.
func TestErrorsForLogs(t *testing.T) {
	list := LoanRefused(obstacles(fulfillment.ItemHeld, fulfillment.Blocked))
	wrapped := fmt.Errorf("check out: %w", list)
	if got, want := wrapped.Error(), "check out: alma errors 401651, 401652"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if first, ok := errors.AsType[*Error](wrapped); !ok || first != list[0] {
		t.Errorf("the first is %v", first)
	}
}

func TestWriteErrors(t *testing.T) {
	list := LoanRefused(obstacles(fulfillment.ItemHeld, fulfillment.Expired, fulfillment.Blocked))
	for name, accept := range map[string]string{"loan_refused.json": asJSON, "loan_refused.xml": asXML} {
		r := httptest.NewRequest("POST", "/", nil)
		r.Header.Set("Accept", accept)
		w := httptest.NewRecorder()
		WriteError(w, r, fmt.Errorf("check out: %w", list), "track-1")
		golden(t, name, w.Body.String()+"\n")
		if w.Code != 400 {
			t.Errorf("status %d", w.Code)
		}
	}
	w := httptest.NewRecorder()
	if WriteError(w, httptest.NewRequest("POST", "/", nil), Errors{}, "t"); w.Code != 500 {
		t.Errorf("an empty list is %d, want an internal failure", w.Code)
	}
}

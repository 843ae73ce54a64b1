package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// deleteUser answers DELETE /users/{user_id}. A patron with open requests, loans or fees is not deleted, and the answer says
// so and changes nothing. Else the record is marked, so that nothing new can be placed for it, and what is open is counted
// once more. What is past goes with the patron.
func (a *API) deleteUser(w http.ResponseWriter, r *http.Request) error {
	p, err := a.findPatron(r)
	if err != nil {
		return err
	}
	if err := ifMatch(r, patronTag(p)); err != nil {
		return err
	}
	if p.Privileged() && !auth.CallerFrom(r.Context()).AssignsRoles {
		return alma.Forbidden("Only a User Administrator may delete a user with a staff role. Nothing was deleted.")
	}
	reason, err := a.openBusiness(r.Context(), p)
	if err != nil {
		return err
	}
	if reason != "" {
		return alma.UserNotDeleted(r.PathValue("user_id"), r.URL.Query().Get("user_id_type"), reason)
	}
	marked, err := a.Store.MarkDeleting(r.Context(), p)
	if err != nil {
		return lostRace(r, err)
	}
	reason, err = a.openBusiness(r.Context(), marked)
	if err == nil && reason == "" {
		err = a.Store.DeletePatron(r.Context(), marked)
	}
	if err == nil && reason == "" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if errors.Is(err, fulfillment.ErrNotIdle) {
		reason, err = "The user has open loans or fees; nothing was deleted.", nil
	}
	if errors.Is(err, patron.ErrPastRemoved) {
		reason, err = "The user was not deleted, but some of what is past may be gone. Repeat the deletion.", nil
	}
	if unmarkErr := a.Store.Unmark(context.WithoutCancel(r.Context()), marked); unmarkErr != nil && err == nil && !errors.Is(unmarkErr, patron.ErrChanged) {
		return fmt.Errorf("take back the mark of deletion: %w", unmarkErr)
	}
	if err != nil {
		return lostRace(r, err)
	}
	return alma.UserNotDeleted(r.PathValue("user_id"), r.URL.Query().Get("user_id_type"), reason)
}

// openBusiness says what stands against deleting a patron, or "": open requests, loans and fees, by their ids.
func (a *API) openBusiness(ctx context.Context, p patron.Patron) (string, error) {
	requests, err := a.Store.ActiveRequests(ctx, p.UID)
	if err != nil {
		return "", err
	}
	loans, err := a.Store.ActiveLoans(ctx, p.UID)
	if err != nil {
		return "", err
	}
	fees, err := a.Store.OpenFees(ctx, p.UID)
	if err != nil || len(requests)+len(loans)+len(fees) == 0 {
		return "", err
	}
	return fmt.Sprintf("The user has %s, %s and %s; nothing was deleted. Cancel what is requested, return what is lent, and have what is owed paid or waived first.",
		listed(requests, "open request", func(r fulfillment.Request) string { return r.ID }),
		listed(loans, "open loan", func(l fulfillment.Loan) string { return l.ID }),
		listed(fees, "open fee", func(f fulfillment.Fee) string { return f.ID })), nil
}

// mostListed is how many ids of a list are told; more are counted.
const mostListed = 20

// listed is a number of things in words, and which: "no open loans", "1 open loan (17)", "2 open loans (17, 18)".
func listed[T any](all []T, thing string, id func(T) string) string {
	if len(all) == 0 {
		return "no " + thing + "s"
	}
	var ids []string
	for _, one := range all[:min(len(all), mostListed)] {
		ids = append(ids, id(one))
	}
	if more := len(all) - len(ids); more > 0 {
		ids = append(ids, strconv.Itoa(more)+" more")
	}
	if len(all) == 1 {
		return "1 " + thing + " (" + ids[0] + ")"
	}
	return strconv.Itoa(len(all)) + " " + thing + "s (" + strings.Join(ids, ", ") + ")"
}

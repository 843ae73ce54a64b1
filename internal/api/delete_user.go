package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/patron"
)

// deleteUser answers DELETE /users/{user_id}. A patron with open requests or loans is not deleted, and the answer says
// so and changes nothing. Else the record is marked, so that nothing new can be placed for it, and what is open is counted
// once more. Past requests and letters go with the patron.
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
	if errors.Is(err, patron.ErrPastRemoved) {
		reason, err = "The user was not deleted, but some of the past requests and letters may be gone. Repeat the deletion.", nil
	}
	if unmarkErr := a.Store.Unmark(context.WithoutCancel(r.Context()), marked); unmarkErr != nil && err == nil && !errors.Is(unmarkErr, patron.ErrChanged) {
		return fmt.Errorf("take back the mark of deletion: %w", unmarkErr)
	}
	if err != nil {
		return lostRace(r, err)
	}
	return alma.UserNotDeleted(r.PathValue("user_id"), r.URL.Query().Get("user_id_type"), reason)
}

// openBusiness says what stands against deleting a patron, or "".
func (a *API) openBusiness(ctx context.Context, p patron.Patron) (string, error) {
	requests, err := a.Store.CountRequests(ctx, p.UID)
	if err != nil {
		return "", err
	}
	loans, err := a.Store.CountLoans(ctx, p.UID)
	if err != nil || requests+loans == 0 {
		return "", err
	}
	return fmt.Sprintf("The user has %s and %s; nothing was deleted. Cancel what is requested and return what is lent first.",
		counted(requests, "open request"), counted(loans, "open loan")), nil
}

// counted is a number of things in words: "no open loans", "1 open loan", "2 open loans".
func counted(n int, thing string) string {
	switch n {
	case 0:
		return "no " + thing + "s"
	case 1:
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

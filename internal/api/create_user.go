package api

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/oklog/ulid/v2"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/patron"
)

// createUser answers POST /users: an internal patron, member of staff or contact, or an external patron that names
// its SIS profile. A record without a primary id gets one made of its names. The same record sent again with the same
// Idempotency-Key is created once.
func (a *API) createUser(w http.ResponseWriter, r *http.Request) error {
	if code := r.URL.Query().Get("source_institution_code"); code != "" {
		return alma.InstitutionNotFound("The institution is in no fulfillment network.")
	}
	if err := unsupported(r, "send_pin_number_letter", "social_authentication", "registration_rules"); err != nil {
		return err
	}
	key, err := keyOf(r, "nothing was created")
	if err != nil {
		return err
	}
	p, secrets, err := readUser(r)
	if err != nil {
		return err
	}
	if p.UID, err = newUID(r, key, p); err != nil {
		return err
	}
	p.DefaultSegments()
	a.complete(&p)
	generated := p.PrimaryID == ""
	if generated {
		p.PrimaryID = p.GeneratedID(1)
	}
	if err := setSecrets(&p, secrets, ""); err != nil {
		return err
	}
	if p.AccountType == patron.External {
		sis := p.StickyFields
		p.SIS = &sis
	}
	if err := p.Check(a.Institution); err != nil {
		return err
	}
	if p.Privileged() && !auth.CallerFrom(r.Context()).AssignsRoles {
		return alma.Forbidden("Only a User Administrator may create a user with a staff role. Nothing was created.")
	}
	if auth.CallerFrom(r.Context()).Kind == auth.StaffCaller {
		p.ForgetCreation()
	}
	p.Stamp(a.by(r))
	write := a.Store.CreatePatron
	if key != "" {
		write = a.createOnce
	}
	created, err := create(r.Context(), write, p, generated)
	if err != nil {
		return err
	}
	w.Header().Set("ETag", patronTag(created))
	return alma.Write(w, r, a.wireUser(created))
}

// newUID is the UID of a new record. One with an idempotency key is made of the key, of whose it is and of the record, and
// so the same when it is sent again: two records cannot have it.
func newUID(r *http.Request, key string, in patron.Patron) (string, error) {
	if key == "" {
		return ulid.Make().String(), nil
	}
	sent, err := json.Marshal([]any{auth.CallerFrom(r.Context()).Name, key, in})
	if err != nil {
		return "", fmt.Errorf("make a UID: %w", err)
	}
	sum := sha256.Sum256(sent)
	return ulid.ULID(sum[:16]).String(), nil
}

// complete gives a new record what its writer may leave out.
func (a *API) complete(p *patron.Patron) {
	p.LinkingID, p.LastActivityDate, p.StatusDate = "", "", ""
	p.AssignRoles(patron.Code{Value: a.Institution.Code, Desc: a.Institution.Name})
	if p.PreferredLanguage.Value == "" {
		p.PreferredLanguage.Value = a.Institution.DefaultLanguage()
	}
}

// createOnce writes a new record whose UID stands for its idempotency key, or finds the one that was created with it before.
func (a *API) createOnce(ctx context.Context, p patron.Patron) (patron.Patron, error) {
	created, err := a.Store.CreatePatronOnce(ctx, p)
	if errors.Is(err, patron.ErrChanged) {
		created, err = a.Store.PatronByUID(ctx, p.UID)
	}
	if errors.Is(err, patron.ErrDeleted) || errors.Is(err, patron.ErrNotFound) {
		return created, alma.InvalidParameter("Idempotency-Key", "What was created with it is deleted; nothing was created. Use a new one.")
	}
	return created, err
}

// create writes a new record; a generated primary id that is taken is counted on.
func create(ctx context.Context, write func(context.Context, patron.Patron) (patron.Patron, error), p patron.Patron, generated bool) (patron.Patron, error) {
	base := p
	for n := 2; ; n++ {
		created, err := write(ctx, p)
		var taken *patron.TakenError
		if !generated || n > patron.Namesakes+1 || !errors.As(err, &taken) || taken.Type != patron.PrimaryType {
			return created, err
		}
		p.PrimaryID = base.GeneratedID(n)
	}
}

package api

import (
	"errors"
	"net/http"
	"net/url"

	"patrondesk/internal/alma"
	"patrondesk/internal/fulfillment"
)

// findItem answers GET /items?item_barcode=, as Alma does, with the address of the item. The other parameters go with it.
func (a *API) findItem(w http.ResponseWriter, r *http.Request) error {
	barcode := r.URL.Query().Get("item_barcode")
	if barcode == "" {
		return alma.MandatoryFieldMissing("item_barcode")
	}
	it, err := a.Store.ItemByBarcode(r.Context(), barcode)
	if errors.Is(err, fulfillment.ErrItemNotFound) {
		return alma.ItemNotFoundForBarcode(barcode)
	}
	if err != nil {
		return err
	}
	address, params := alma.NewItem(it, fulfillment.Custody{}, false, bibs(r), a.Institution).Link, r.URL.Query()
	if params.Del("item_barcode"); len(params) > 0 {
		address += "?" + params.Encode()
	}
	http.Redirect(w, r, address, http.StatusFound)
	return nil
}

// withKey lets a caller whose API key is in the query go on with it where they are sent: clients follow an address as it
// is, and the guard keeps the key from whoever writes that.
func withKey(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if key := r.URL.Query().Get("apikey"); key != "" {
			w = keyed{w, key}
		}
		h.ServeHTTP(w, r)
	})
}

// keyed is an answer to a caller with that key in the query.
type keyed struct {
	http.ResponseWriter
	key string
}

// WriteHeader adds the key to the address of a redirection.
func (k keyed) WriteHeader(status int) {
	if to, err := url.Parse(k.Header().Get("Location")); err == nil && status == http.StatusFound {
		params := to.Query()
		params.Set("apikey", k.key)
		to.RawQuery = params.Encode()
		k.Header().Set("Location", to.String())
	}
	k.ResponseWriter.WriteHeader(status)
}

// getItem answers GET /bibs/{mms_id}/holdings/{holding_id}/items/{item_pid}: the item, and whether it is in its place.
func (a *API) getItem(w http.ResponseWriter, r *http.Request) error {
	it, err := a.itemInPath(r)
	if errors.Is(err, fulfillment.ErrItemNotFound) {
		return alma.ItemNotFound()
	}
	if err != nil {
		return err
	}
	custody, err := a.Store.Custody(r.Context(), it.ID)
	if err != nil {
		return err
	}
	queue, err := a.Store.Queue(r.Context(), it.MMSID)
	if err != nil {
		return err
	}
	item := alma.NewItem(it, custody, a.requested(it, custody, queue), bibs(r), a.Institution)
	if custody.State != fulfillment.OnLoan {
		return alma.Write(w, r, item)
	}
	loan, err := a.Store.Loan(r.Context(), custody.UID, custody.LoanID)
	if errors.Is(err, fulfillment.ErrLoanNotFound) { // returned meanwhile
		return alma.Write(w, r, item)
	}
	if err != nil {
		return err
	}
	return alma.Write(w, r, item.WithDue(loan.Due))
}

// itemInPath is the item the path names, or fulfillment.ErrItemNotFound. The holding is not looked at: an item list need
// not name it.
func (a *API) itemInPath(r *http.Request) (fulfillment.Item, error) {
	it, err := a.Store.Item(r.Context(), r.PathValue("item_pid"))
	if err == nil && it.MMSID != r.PathValue("mms_id") {
		return fulfillment.Item{}, fulfillment.ErrItemNotFound
	}
	return it, err
}

// bibs is the address of all titles.
func bibs(r *http.Request) string { return baseURL(r) + "/bibs" }

// requested reports whether anybody waits for the item.
func (a *API) requested(it fulfillment.Item, c fulfillment.Custody, q fulfillment.Queue) bool {
	_, waits := q.First(it, a.Institution, a.Now())
	return waits || c.RequestID != ""
}

package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"patrondesk/internal/alma"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// scanItem answers POST /bibs/{mms_id}/holdings/{holding_id}/items/{item_pid}?op=scan: the item is brought back, or
// comes by, at a circulation desk.
func (a *API) scanItem(w http.ResponseWriter, r *http.Request) error {
	it, err := a.itemInPath(r)
	if errors.Is(err, fulfillment.ErrItemNotFound) {
		return alma.ScannedItemNotFound("There is no item with that mms_id and item_pid.")
	}
	if err != nil {
		return err
	}
	return a.returnItem(w, r, dynamo.ItemKey{ID: it.ID})
}

// returnByBarcode answers POST /items?op=scan&item_barcode=, a call of ours: a scan of the item with that barcode.
func (a *API) returnByBarcode(w http.ResponseWriter, r *http.Request) error {
	barcode := r.URL.Query().Get("item_barcode")
	if barcode == "" {
		return alma.MandatoryFieldMissing("item_barcode")
	}
	err := a.returnItem(w, r, dynamo.ItemKey{Barcode: barcode})
	if errors.Is(err, fulfillment.ErrItemNotFound) {
		return alma.ItemNotFoundForBarcode(barcode)
	}
	return err
}

// returnItem ends the loan of the item, if it is on loan, and tells where the item goes from the desk.
func (a *API) returnItem(w http.ResponseWriter, r *http.Request, key dynamo.ItemKey) error {
	params := r.URL.Query()
	if params.Get("op") != "scan" {
		return alma.InvalidParameter("op", "It takes scan. Nothing was changed.")
	}
	if params.Get("library") == "" || params.Get("circ_desk") == "" {
		return alma.ScanDeskMissing("Give library and circ_desk. Nothing was changed.")
	}
	desk, err := a.deskOf(params.Get("library"), params.Get("circ_desk"), alma.ScanFailed)
	if err != nil {
		return err
	}
	returned, err := a.returnTime(r)
	if err != nil {
		return err
	}
	var scanned fulfillment.Return
	var out fulfillment.Outcome
	var borrower string
	err = a.move(r.Context(), func() (err error) {
		if scanned, err = a.Store.ForReturn(r.Context(), key, a.Institution); err != nil {
			return err
		}
		if borrower, err = a.borrowerOf(w, r, scanned); err != nil {
			return err
		}
		by := a.by(r)
		scanned.Desk, scanned.Rules, scanned.By, scanned.Now, scanned.Returned = desk, a.Institution, by.By, by.At, returned
		if scanned.Loan != nil && returned.Before(scanned.Loan.Lent) {
			if params.Get("return_date") != "" {
				return alma.InvalidParameter("return_date", "The item was lent later. Nothing was changed.")
			}
			scanned.Returned = scanned.Loan.Lent // the clocks of two functions differ
		}
		out, err = a.takeBack(r.Context(), scanned)
		return err
	})
	if err != nil {
		return err
	}
	wait := a.requested(scanned.Item, out.Custody, scanned.Queue)
	shown := alma.NewScannedItem(scanned.Item, out.Custody, wait, bibs(r), a.Institution)
	shown.Scanned = &alma.Scan{Outcome: out, Borrower: borrower}
	return alma.Write(w, r, shown)
}

// borrowerOf is the primary id of who has the item on loan, "" for nobody. It is read for a caller in the same process
// alone: no other is told.
func (a *API) borrowerOf(w http.ResponseWriter, r *http.Request, scanned fulfillment.Return) (string, error) {
	if _, here := w.(alma.InProcess); !here || scanned.Loan == nil {
		return "", nil
	}
	p, err := a.Store.PatronByUID(r.Context(), scanned.Custody.UID)
	if errors.Is(err, patron.ErrNotFound) {
		return "", nil
	}
	return p.PrimaryID, err
}

// returnTime is when the item was brought back: return_date, of ours, for what lay in a book drop, or now.
func (a *API) returnTime(r *http.Request) (time.Time, error) {
	now := a.by(r).At
	text := r.URL.Query().Get("return_date")
	if text == "" {
		return now, nil
	}
	returned, err := time.Parse(time.RFC3339, text)
	if err != nil || returned.After(now) {
		return now, alma.InvalidParameter("return_date", "It takes a time of the past such as 2026-11-23T08:00:00Z. Nothing was changed.")
	}
	return returned.UTC().Truncate(time.Millisecond), nil
}

// takeBack decides on what was read, and writes it.
func (a *API) takeBack(ctx context.Context, scanned fulfillment.Return) (fulfillment.Outcome, error) {
	out, movement := scanned.Do()
	if movement.Empty() {
		return out, nil
	}
	_, err := a.Store.Move(ctx, movement)
	return out, err
}

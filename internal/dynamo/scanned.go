package dynamo

import (
	"context"
	"fmt"

	"patrondesk/internal/fulfillment"
)

// ForReturn reads what decides about an item that is scanned at a desk, in three calls, or in four by its barcode; a
// call less where nobody waits for it; the rules say for whom the item will do. Desk, rules and times are left to the
// caller. The error is fulfillment.ErrItemNotFound, and fulfillment.ErrChanged when others keep writing in between.
func (s *Store) ForReturn(ctx context.Context, key ItemKey, rules fulfillment.Rules) (r fulfillment.Return, err error) {
	if !key.possible() {
		return fulfillment.Return{}, fulfillment.ErrItemNotFound
	}
	err = again(func() error {
		r = fulfillment.Return{}
		id, err := s.itemID(ctx, key)
		if err == nil {
			err = s.readScanned(ctx, id, &r)
		}
		if err == nil && key.ID == "" && r.Item.Barcode != key.Barcode {
			err = errMoved
		}
		if err == nil {
			err = s.readBusiness(ctx, &r)
		}
		if err == nil {
			err = s.readNext(ctx, rules, &r)
		}
		return err
	})
	if err != nil {
		return fulfillment.Return{}, fmt.Errorf("read for a return: %w", err)
	}
	return r, nil
}

// itemID is the id of the item, which has been read or not.
func (s *Store) itemID(ctx context.Context, key ItemKey) (string, error) {
	if key.ID != "" {
		return key.ID, nil
	}
	pointer, err := s.get(ctx, s.tables.Items, barcodeKey(key.Barcode))
	if err != nil {
		return "", err
	}
	if len(pointer) == 0 {
		return "", fulfillment.ErrItemNotFound
	}
	return pointer.text(aID), nil
}

// readScanned reads the item with its custody.
func (s *Store) readScanned(ctx context.Context, id string, r *fulfillment.Return) error {
	found, err := s.batchGet(ctx, byTable{s.tables.Items: {itemKey(id)}, s.tables.Loans: {custodyKey(id)}})
	if err != nil {
		return err
	}
	if r.Item, err = s.itemIn(found, id); err != nil {
		return err
	}
	r.Custody, err = custodyOf(id, found.one(s.tables.Loans, custodyKey(id)))
	return err
}

// readBusiness reads what the item's custody names, a loan with the borrower's account or a request, and the queue of
// the title.
func (s *Store) readBusiness(ctx context.Context, r *fulfillment.Return) error {
	at, loans, requests := r.Custody, s.tables.Loans, s.tables.Requests
	keys := byTable{}
	if r.Item.MMSID != "" {
		keys[requests] = append(keys[requests], queueKey(r.Item.MMSID))
	}
	if at.RequestID != "" {
		keys[requests] = append(keys[requests], activeKey(at.UID, at.RequestID))
	}
	if at.State == fulfillment.OnLoan {
		keys[loans] = []item{accountKey(at.UID), activeKey(at.UID, at.LoanID)}
	}
	found, err := s.batchGet(ctx, keys)
	if err != nil {
		return err
	}
	if r.Queue, err = queueOf(r.Item.MMSID, found.one(requests, queueKey(r.Item.MMSID))); err != nil {
		return err
	}
	if err = s.requestIn(found, at.UID, at.RequestID, &r.Named); err != nil || at.State != fulfillment.OnLoan {
		return err
	}
	return s.borrowedIn(found, r)
}

// borrowedIn is the loan of an item that is lent, and the borrower's account, where they were found.
func (s *Store) borrowedIn(found byTable, r *fulfillment.Return) error {
	stored := found.one(s.tables.Loans, activeKey(r.Custody.UID, r.Custody.LoanID))
	if len(stored) == 0 {
		return errMoved
	}
	l, err := loanOf(stored)
	if err != nil {
		return err
	}
	r.Loan = &l
	r.Account, err = accountOf(found.one(s.tables.Loans, accountKey(r.Custody.UID)))
	return err
}

// requestIn sets the active request where it was found.
func (s *Store) requestIn(found byTable, uid, id string, to **fulfillment.PatronRequest) error {
	stored := found.one(s.tables.Requests, activeKey(uid, id))
	if len(stored) == 0 {
		return nil
	}
	r, err := requestOf(stored)
	*to = &fulfillment.PatronRequest{UID: uid, Request: r}
	return err
}

// readNext reads the first request in the queue for which the item will do, and the fees that were charged for its
// loss.
func (s *Store) readNext(ctx context.Context, rules fulfillment.Rules, r *fulfillment.Return) error {
	keys := byTable{}
	next, waits := r.Queue.First(r.Item, rules, s.now())
	if waits {
		keys[s.tables.Requests] = []item{activeKey(next.UID, next.ID)}
	}
	var charged []string
	if r.Loan != nil {
		charged = distinct(r.Loan.LostFees)
		keys[s.tables.Loans] = feeKeys(r.Custody.UID, charged...)
	}
	found, err := s.batchGet(ctx, keys)
	if err != nil {
		return err
	}
	if r.Fees, err = s.feesIn(found, r.Custody.UID, charged...); err != nil {
		return err
	}
	if err = s.requestIn(found, next.UID, next.ID, &r.Next); err != nil {
		return err
	}
	if waits && r.Next == nil || len(r.Fees) < len(charged) {
		return errMoved
	}
	return nil
}

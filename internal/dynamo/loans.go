package dynamo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"patrondesk/internal/fulfillment"
)

// Account is the account of a patron. That of a patron who never borrowed is empty, with version 0.
func (s *Store) Account(ctx context.Context, uid string) (fulfillment.Account, error) {
	it, err := s.get(ctx, s.tables.Loans, accountKey(uid))
	if err != nil {
		return fulfillment.Account{}, fmt.Errorf("get an account: %w", err)
	}
	return accountOf(it)
}

// FirstLoans is the account of a patron with the first of the active loans, in order of their ids, which is that in
// which they were lent. However many loans there are, it makes one call.
func (s *Store) FirstLoans(ctx context.Context, uid string, limit int) (fulfillment.Account, []fulfillment.Loan, error) {
	items, _, err := s.first(ctx, 1+limit, underPrefix(s.tables.Loans, patronKey(uid), borrowed))
	if err != nil {
		return fulfillment.Account{}, nil, fmt.Errorf("list the first loans: %w", err)
	}
	var stored item
	if len(items) > 0 && sameKey(items[0], accountKey(uid)) {
		stored, items = items[0], items[1:]
	}
	account, err := accountOf(stored)
	if err != nil {
		return fulfillment.Account{}, nil, err
	}
	loans, err := loansOf(items[:min(limit, len(items))])
	return account, loans, err
}

// ActiveLoans are all active loans of a patron, in order of their ids, which is that in which they were lent.
func (s *Store) ActiveLoans(ctx context.Context, uid string) ([]fulfillment.Loan, error) {
	return s.loans(ctx, uid, active)
}

// PastLoans are the loans of a patron that ended within the last year, the one returned last first.
func (s *Store) PastLoans(ctx context.Context, uid string) ([]fulfillment.Loan, error) {
	all, err := s.loans(ctx, uid, past)
	slices.SortFunc(all, func(a, b fulfillment.Loan) int {
		return cmp.Or(b.Returned.Compare(a.Returned), strings.Compare(b.ID, a.ID))
	})
	return all, err
}

// Loan is one active loan of a patron, or fulfillment.ErrLoanNotFound; those of the past are found in
// [Store.PastLoans] alone.
func (s *Store) Loan(ctx context.Context, uid, id string) (fulfillment.Loan, error) {
	if !fulfillment.PossibleID(id) {
		return fulfillment.Loan{}, fulfillment.ErrLoanNotFound
	}
	it, err := s.get(ctx, s.tables.Loans, activeKey(uid, id))
	if err != nil {
		return fulfillment.Loan{}, fmt.Errorf("get a loan: %w", err)
	}
	if len(it) == 0 {
		return fulfillment.Loan{}, fulfillment.ErrLoanNotFound
	}
	return loanOf(it)
}

// loans are a patron's loans under a prefix, in order of their keys.
func (s *Store) loans(ctx context.Context, uid, prefix string) ([]fulfillment.Loan, error) {
	items, err := s.collect(ctx, underPrefix(s.tables.Loans, patronKey(uid), prefix))
	if err != nil {
		return nil, fmt.Errorf("list loans: %w", err)
	}
	return loansOf(items)
}

func loansOf(items []item) ([]fulfillment.Loan, error) {
	all := make([]fulfillment.Loan, len(items))
	for i, it := range items {
		var err error
		if all[i], err = loanOf(it); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func loanOf(it item) (fulfillment.Loan, error) {
	l, err := decode[fulfillment.Loan](it)
	l.Version = it.number(aVersion)
	return l, err
}

func accountOf(it item) (fulfillment.Account, error) {
	if len(it) == 0 {
		return fulfillment.Account{}, nil
	}
	a, err := decode[fulfillment.Account](it)
	a.Version = it.number(aVersion)
	return a, err
}

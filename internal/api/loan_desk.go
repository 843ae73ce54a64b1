package api

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// LoanDesk is the function loan-desk. Alma has no call to renew all loans, to declare one lost and to return an item by
// its barcode; these are ours.
func (a *API) LoanDesk() http.Handler { return withKey(a.mux(a.loanDeskCalls()...)) }

func (a *API) loanDeskCalls() []operation {
	read, write := auth.Access{Right: auth.FulfilmentRead, Self: true}, auth.Access{Right: auth.FulfilmentWrite}
	return []operation{
		{"GET /almaws/v1/users/{user_id}/loans", read, a.listLoans},
		{"POST /almaws/v1/users/{user_id}/loans", write, a.checkOut},
		{"GET /almaws/v1/users/{user_id}/loans/{loan_id}", read, a.getLoan},
		{"POST /almaws/v1/users/{user_id}/loans/{loan_id+}", write, a.changeLoan},
		{"PUT /almaws/v1/users/{user_id}/loans/{loan_id}", write, a.changeDueDate},
		{"GET /almaws/v1/items", auth.Access{Right: auth.FulfilmentRead}, a.findItem},
		{"POST /almaws/v1/items", write, a.returnByBarcode},
		{"GET /almaws/v1/bibs/{mms_id}/holdings/{holding_id}/items/{item_pid}", auth.Access{Right: auth.FulfilmentRead}, a.getItem},
		{"POST /almaws/v1/bibs/{mms_id}/holdings/{holding_id}/items/{item_pid}", write, a.scanItem},
	}
}

// move is [fulfillment.Repeat] for loans, with what stopped it in Alma's words.
func (a *API) move(ctx context.Context, attempt func() error) error {
	err := fulfillment.Repeat(ctx, attempt)
	switch {
	case errors.Is(err, fulfillment.ErrPatronGone):
		return alma.GeneralError("The user was deleted meanwhile, or is being deleted; nothing was changed.")
	case errors.Is(err, fulfillment.ErrChanged):
		return alma.GeneralError("Others keep changing the item or the user at the same moment; nothing of yours was changed. Repeat the call.")
	}
	return err
}

// borrower is the patron as lending looks at one.
func (a *API) borrower(p patron.Patron) fulfillment.Borrower {
	b := fulfillment.Borrower{UID: p.UID, UserGroup: p.UserGroup.Value}
	for _, o := range a.withBlocksDescribed(p).Obstacles(a.localNow()) {
		obstacle := fulfillment.Obstacle{Kind: fulfillment.Blocked, Reason: o.Reason, Facts: o.Facts, Words: o.Words, Overridable: true}
		switch o.Kind {
		case patron.NoBorrower:
			obstacle.Kind, obstacle.Overridable = fulfillment.NoBorrower, false
		case patron.HasExpired:
			obstacle.Kind = fulfillment.Expired
		}
		b.Obstacles = append(b.Obstacles, obstacle)
	}
	return b
}

// withBlocksDescribed is the patron with the blocks in words: what is stored of a block may be its code alone.
func (a *API) withBlocksDescribed(p patron.Patron) patron.Patron {
	p.Blocks = slices.Clone(p.Blocks)
	for i := range p.Blocks {
		said := &p.Blocks[i].Description
		if words, known := a.Institution.Describe("UserBlockDescription", said.Value, a.Institution.DefaultLanguage()); known {
			said.Desc = words
		}
	}
	return p
}

// overrides reports whether the caller asks to lend in spite of blocks. The error says that they may not.
func overrides(r *http.Request) (bool, error) {
	if !flag(r, "override_blocks") {
		return false, nil
	}
	if !auth.CallerFrom(r.Context()).OverridesBlocks {
		return false, alma.Forbidden("Only managers of a circulation desk or of fulfilment may override blocks. Nothing was changed.")
	}
	return true, nil
}

// deskOf is the circulation desk of those codes; refuse makes the error of the operation for what is none.
func (a *API) deskOf(library, desk string, refuse func(reasons ...string) *alma.Error) (fulfillment.Desk, error) {
	lib, ok := a.Institution.Library(library)
	if !ok {
		return fulfillment.Desk{}, refuse("There is no such library.")
	}
	d, ok := lib.Desk(desk)
	if !ok {
		return fulfillment.Desk{}, refuse("The library has no such circulation desk.")
	}
	return fulfillment.Desk{
		Library: fulfillment.Code{Value: lib.Code, Desc: lib.Name}, Desk: fulfillment.Code{Value: d.Code, Desc: d.Name},
	}, nil
}

package fulfillment

import "errors"

// Errors of looking up and writing items, requests, loans and fees. The store returns them; the API says them in Alma's
// words. Nothing was written where one of them is returned.
var (
	ErrItemNotFound = errors.New("no such item")
	// ErrBarcodeTaken says that another item has the barcode.
	ErrBarcodeTaken = errors.New("another item has the barcode")
	// ErrAskedFor says that somebody waits for that very item.
	ErrAskedFor        = errors.New("somebody waits for that very item")
	ErrRequestNotFound = errors.New("no such request")
	ErrLoanNotFound    = errors.New("no such loan")
	ErrFeeNotFound     = errors.New("no such fee")
	// ErrChanged says that somebody else changed a part of what is to be changed together, such as the request or its
	// title's queue, after it was read.
	ErrChanged = errors.New("a part of it was changed by somebody else meanwhile")
	// ErrPatronGone says that the patron was deleted, or is being deleted, meanwhile.
	ErrPatronGone = errors.New("the patron was deleted meanwhile")
	// ErrNotIdle says that the patron has loans, or fees that are open.
	ErrNotIdle = errors.New("the patron has loans or open fees")
)

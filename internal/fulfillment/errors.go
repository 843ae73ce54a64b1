package fulfillment

import "errors"

// Errors of looking up and writing items, requests and loans. The store returns them; the API says them in Alma's
// words. Nothing was written where one of them is returned.
var (
	ErrItemNotFound = errors.New("no such item")
	// ErrBarcodeTaken says that another item has the barcode.
	ErrBarcodeTaken    = errors.New("another item has the barcode")
	ErrRequestNotFound = errors.New("no such request")
	// ErrChanged says that somebody else changed the request, or its title's queue, after it was read.
	ErrChanged = errors.New("the request or its queue was changed by somebody else meanwhile")
	// ErrPatronGone says that the patron was deleted, or is being deleted, meanwhile.
	ErrPatronGone = errors.New("the patron was deleted meanwhile")
)

// Package rounds is what the library does at set times: items that nobody fetched leave the hold shelf, and patrons get
// their Borrowing Activity Letter. A round is a job as that of a dropped file is, which the scheduler begins as if an object
// were dropped whose key is the round's name. It may be killed anywhere and goes on where it was, it tells how far it is,
// and has a report.
package rounds

import (
	"context"
	"strings"

	"patrondesk/internal/drop"
	"patrondesk/internal/job"
)

// name is the object that began a round, without its folder: what the scheduler calls it by its time.
func name(o drop.Object) string { return o.Key[strings.LastIndexByte(o.Key, '/')+1:] }

// finish ends a round with its report.
func finish(ctx context.Context, r *drop.Run) error {
	if err := r.Enter(ctx, job.Reporting); err != nil {
		return err
	}
	state, reason := r.Tally.Outcome()
	return r.Finish(ctx, state, reason, nil, nil)
}

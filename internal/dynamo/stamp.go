package dynamo

import (
	"context"
	"errors"
	"time"

	"patrondesk/internal/directory"
)

const (
	// stampMargin is what is left of [directory.Overlap] when a stamped write is sent for the last time: for DynamoDB to
	// carry it out, for the index to follow, and for clocks that differ.
	stampMargin = directory.Overlap / 3
	// stampHolds is how long after its time stamp a write may still be sent. The attempts of [Options] end well before,
	// unless the process was held up.
	stampHolds = directory.Overlap - stampMargin
)

// errOutdated says that a write was not sent, or not again, because its time stamp is old: directories that have
// read on would never see it. An attempt before may have been carried out.
var errOutdated = errors.New("the time stamp of the write is too old to send it")

type stampedKey struct{}

// stamped is the context for a write whose time stamp is of at.
func (s *Store) stamped(ctx context.Context, at time.Time) context.Context {
	return context.WithValue(ctx, stampedKey{}, func() bool { return s.now().Sub(at) > stampHolds })
}

// outdated reports whether the context is that of a write whose time stamp has grown too old to be sent.
func outdated(ctx context.Context) bool {
	old, stamped := ctx.Value(stampedKey{}).(func() bool)
	return stamped && old()
}

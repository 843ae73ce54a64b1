package fulfillment

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

const (
	// tries is how often something is computed anew when what it was computed from changed meanwhile.
	tries = 8
	// step is what the pause before the next try is longer than the one before.
	step = 20 * time.Millisecond
)

// Repeat carries out what attempt reads, decides and writes, again while that is [ErrChanged] because somebody else was
// faster, at most eight times. What attempt writes is conditional on all it read, so that nothing of a failed one is left.
// It pauses a little longer each time, and never as long as others, so that writers get out of each other's way.
func Repeat(ctx context.Context, attempt func() error) error {
	for try := 1; ; try++ {
		err := attempt()
		if !errors.Is(err, ErrChanged) || try == tries {
			return err
		}
		longest := time.Duration(try) * step
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(longest/2 + rand.N(longest/2)):
		}
	}
}

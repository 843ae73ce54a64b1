package dynamo_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"patrondesk/internal/directory"
	"patrondesk/internal/dynamo/dynamotest"
)

// TestAnOldStampIsNotWritten makes writes of patrons meet faults while minutes go by: what a directory would no longer
// look for is not written, and the caller is not told that it was.
func TestAnOldStampIsNotWritten(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"CreatePatron", "ReplacePatron", "ReplacePatron with identifiers", "DeletePatron"} {
		for _, tt := range []struct {
			name    string
			each    time.Duration // that goes by at each look at the clock
			faults  int
			written int64
		}{
			{"quick", directory.Overlap / 60, 4, 1},
			{"slow", directory.Overlap / 7, 5, 0},
		} {
			t.Run(operation+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				tables := dynamotest.Tables(t)
				write, made := writings[operation](t, dynamotest.Open(t, tables))
				c := &clock{at: time.Now()}
				passing := dynamotest.Clock(func() time.Time { c.move(tt.each); return c.now() })
				lost := slices.Repeat([]dynamotest.Fault{dynamotest.LostRequest}, tt.faults)
				s := dynamotest.Open(t, tables, append(failing(lost...), passing)...)
				err := write(context.WithoutCancel(t.Context()), s)
				if (err == nil) != (tt.written == 1) || says(err) {
					t.Errorf("got %v", err)
				}
				if n := made(); n != tt.written {
					t.Errorf("got %d writes, want %d", n, tt.written)
				}
			})
		}
	}
}

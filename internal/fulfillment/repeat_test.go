package fulfillment

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

func TestRepeat(t *testing.T) {
	other := errors.New("another")
	for _, tt := range []struct {
		name  string
		fails int
		with  error
		calls int
		want  error
	}{
		{"at once", 0, nil, 1, nil},
		{"somebody was faster twice", 2, fmt.Errorf("move: %w", ErrChanged), 3, nil},
		{"somebody is faster always", 99, ErrChanged, tries, ErrChanged},
		{"another error", 1, other, 1, other},
	} {
		calls := 0
		err := Repeat(t.Context(), func() error {
			if calls++; calls <= tt.fails {
				return tt.with
			}
			return nil
		})
		if calls != tt.calls || !errors.Is(err, tt.want) || tt.want == nil && err != nil {
			t.Errorf("%s: got %v after %d calls", tt.name, err, calls)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Repeat(ctx, func() error { return ErrChanged }); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

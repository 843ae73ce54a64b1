package sis

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

type busy struct{ is bool }

func (busy) Error() string { return "busy" }
func (b busy) Busy() bool  { return b.is }
func told(p *pace, err error, times int) int {
	for range times {
		p.told(err)
	}
	return p.width
}

func TestPace(t *testing.T) {
	t.Parallel()
	var p pace
	if err := p.enter(t.Context()); err != nil || p.width != firstWidth {
		t.Fatalf("got %d, %v", p.width, err)
	}
	p.leave()
	for _, step := range []struct {
		err         error
		times, want int
	}{
		{nil, widen*firstWidth - 1, firstWidth},
		{nil, 1, firstWidth + 1},
		{errors.New("failed"), 10, firstWidth + 1},
		{fmt.Errorf("write: %w", busy{true}), 1, 4},
		{busy{false}, 1, 4},
		{busy{true}, 9, 1},
		{nil, widen, 2},
		{nil, 1_000_000, mostWidth},
	} {
		if got := told(&p, step.err, step.times); got != step.want {
			t.Errorf("%d times %v: got %d, want %d", step.times, step.err, got, step.want)
		}
	}
}

func TestPaceLetsNoMoreIn(t *testing.T) {
	t.Parallel()
	var p pace
	var inside, most atomic.Int32
	var group sync.WaitGroup
	for range 200 {
		group.Go(func() {
			if err := p.enter(t.Context()); err != nil {
				t.Error(err)
				return
			}
			if n := inside.Add(1); n > most.Load() {
				most.Store(n)
			}
			inside.Add(-1)
			p.leave()
		})
	}
	group.Wait()
	if most.Load() > firstWidth {
		t.Errorf("got %d at once, want at most %d", most.Load(), firstWidth)
	}
	for range firstWidth {
		if err := p.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.enter(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want an end of the wait", err)
	}
}

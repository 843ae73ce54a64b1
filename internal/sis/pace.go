package sis

import (
	"context"
	"errors"
	"sync"
)

const (
	firstWidth = 8
	mostWidth  = 64
	// widen is how many calls in a row must succeed before one more goes at the same time.
	widen = 8
)

// pace is how many records are applied at once: more while the store keeps up, half as many when it says that it is
// busy. It begins low, for a table that was idle takes time to grow. The zero value is ready.
type pace struct {
	mu      sync.Mutex
	width   int
	running int
	good    int
	free    chan struct{} // closed and made anew when there may be room
}

// enter waits until another record may be applied.
func (p *pace) enter(ctx context.Context) error {
	for {
		p.mu.Lock()
		if p.width == 0 {
			p.width, p.free = firstWidth, make(chan struct{})
		}
		if p.running < p.width {
			p.running++
			p.mu.Unlock()
			return ctx.Err()
		}
		free := p.free
		p.mu.Unlock()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-free:
		}
	}
}

// leave says that a record was applied, or given up.
func (p *pace) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running--
	close(p.free)
	p.free = make(chan struct{})
}

// told takes what a call to the store ended with.
func (p *pace) told(err error) {
	var busy interface{ Busy() bool }
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case errors.As(err, &busy) && busy.Busy():
		p.width, p.good = max(p.width/2, 1), 0
	case err == nil:
		if p.good++; p.good >= widen*p.width && p.width < mostWidth {
			p.width, p.good = p.width+1, 0
		}
	}
}

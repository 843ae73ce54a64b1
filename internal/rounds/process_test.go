package rounds

import (
	"context"
	"errors"
	"sync"

	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/job"
	"patrondesk/internal/letter"
	"patrondesk/internal/patron"
)

var errDead = errors.New("the process is dead")

// process is a process as a round sees its surroundings: it dies at one of its calls, before or after that is carried
// out, and every later one fails. It counts the calls.
type process struct {
	*dynamo.Store
	cancel context.CancelFunc                      // of the process, at its death; nil where it is left to find out by itself
	active func(shard int, uids []string) []string // what the list of a shard is taken for; nil for what it is
	item   func(id string) error                   // called before an item is read; nil for nothing
	page   int                                     // how many patrons are listed at once at most; 0 for as many as are asked for

	mu    sync.Mutex
	calls int
	dies  int  // at which call; 0 for never
	after bool // that call was carried out
	dead  bool
}

// step counts a call. late says that the process dies behind it.
func (p *process) step() (late bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.dead {
		return false, errDead
	}
	if p.calls++; p.calls != p.dies {
		return false, nil
	}
	p.dead = true
	if p.cancel != nil {
		p.cancel()
	}
	if p.after {
		return true, nil
	}
	return false, errDead
}

// call is one call that answers a value. Its context is not that of the process: what is on its way is carried out.
func call[T any](ctx context.Context, p *process, do func(context.Context) (T, error)) (T, error) {
	var none T
	late, err := p.step()
	if err != nil {
		return none, err
	}
	answer, err := do(context.WithoutCancel(ctx))
	if late {
		return none, errDead
	}
	return answer, err
}

// tell is one call that answers nothing.
func tell(ctx context.Context, p *process, do func(context.Context) error) error {
	_, err := call(ctx, p, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) })
	return err
}

func (p *process) ActivePatrons(ctx context.Context, shard int, after string, limit int) (uids []string, more bool, err error) {
	if p.page > 0 {
		limit = min(limit, p.page)
	}
	uids, err = call(ctx, p, func(ctx context.Context) (uids []string, err error) {
		uids, more, err = p.Store.ActivePatrons(ctx, shard, after, limit)
		return uids, err
	})
	if p.active != nil {
		uids = p.active(shard, uids)
	}
	return uids, more, err
}

func (p *process) PatronByUID(ctx context.Context, uid string) (patron.Patron, error) {
	return call(ctx, p, func(ctx context.Context) (patron.Patron, error) { return p.Store.PatronByUID(ctx, uid) })
}

func (p *process) ActiveLoans(ctx context.Context, uid string) ([]fulfillment.Loan, error) {
	return call(ctx, p, func(ctx context.Context) ([]fulfillment.Loan, error) { return p.Store.ActiveLoans(ctx, uid) })
}

func (p *process) OpenFees(ctx context.Context, uid string) ([]fulfillment.Fee, error) {
	return call(ctx, p, func(ctx context.Context) ([]fulfillment.Fee, error) { return p.Store.OpenFees(ctx, uid) })
}

func (p *process) ReserveLetter(ctx context.Context, uid, key string, s letter.Sent) (stored letter.Sent, fresh bool, err error) {
	stored, err = call(ctx, p, func(ctx context.Context) (stored letter.Sent, err error) {
		stored, fresh, err = p.Store.ReserveLetter(ctx, uid, key, s)
		return stored, err
	})
	return stored, fresh, err
}

func (p *process) UpdateLetter(ctx context.Context, uid string, s letter.Sent) (letter.Sent, error) {
	return call(ctx, p, func(ctx context.Context) (letter.Sent, error) { return p.Store.UpdateLetter(ctx, uid, s) })
}

func (p *process) Letter(ctx context.Context, uid, id string) (letter.Sent, error) {
	return call(ctx, p, func(ctx context.Context) (letter.Sent, error) { return p.Store.Letter(ctx, uid, id) })
}

func (p *process) ExpiredShelf(ctx context.Context, before string) ([]string, error) {
	return call(ctx, p, func(ctx context.Context) ([]string, error) { return p.Store.ExpiredShelf(ctx, before) })
}

func (p *process) ForReturn(ctx context.Context, key dynamo.ItemKey, rules fulfillment.Rules) (fulfillment.Return, error) {
	if p.item != nil {
		if err := p.item(key.ID); err != nil {
			return fulfillment.Return{}, err
		}
	}
	return call(ctx, p, func(ctx context.Context) (fulfillment.Return, error) { return p.Store.ForReturn(ctx, key, rules) })
}

func (p *process) Move(ctx context.Context, m fulfillment.Movement) (fulfillment.Movement, error) {
	return call(ctx, p, func(ctx context.Context) (fulfillment.Movement, error) { return p.Store.Move(ctx, m) })
}

func (p *process) Job(ctx context.Context, id string) (job.Job, error) {
	return call(ctx, p, func(ctx context.Context) (job.Job, error) { return p.Store.Job(ctx, id) })
}

func (p *process) StartJob(ctx context.Context, j job.Job) (started job.Job, fresh bool, err error) {
	started, err = call(ctx, p, func(ctx context.Context) (started job.Job, err error) {
		started, fresh, err = p.Store.StartJob(ctx, j)
		return started, err
	})
	return started, fresh, err
}

func (p *process) SaveJob(ctx context.Context, j job.Job) (job.Job, error) {
	return call(ctx, p, func(ctx context.Context) (job.Job, error) { return p.Store.SaveJob(ctx, j) })
}

func (p *process) EnterJob(ctx context.Context, code string, s job.Summary) error {
	return tell(ctx, p, func(ctx context.Context) error { return p.Store.EnterJob(ctx, code, s) })
}

// sink is the bucket as a process sees it.
type sink struct {
	*drop.Dir
	p *process
}

func (s sink) Put(ctx context.Context, key, contentType string, body []byte) error {
	return tell(ctx, s.p, func(ctx context.Context) error { return s.Dir.Put(ctx, key, contentType, body) })
}

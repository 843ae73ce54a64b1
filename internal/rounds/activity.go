package rounds

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"patrondesk/internal/drop"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/institution"
	"patrondesk/internal/job"
	"patrondesk/internal/letter"
	"patrondesk/internal/outbox"
	"patrondesk/internal/patron"
)

// activityKeeper keeps patrons and what they have and owe. ActivePatrons gives those of a shard who have or owe
// something, in the order of their UIDs; it may be a second behind. What it reads of one patron is strongly consistent.
type activityKeeper interface {
	ActivePatrons(ctx context.Context, shard int, after string, limit int) (uids []string, more bool, err error)
	PatronByUID(ctx context.Context, uid string) (patron.Patron, error)
	ActiveLoans(ctx context.Context, uid string) ([]fulfillment.Loan, error)
	OpenFees(ctx context.Context, uid string) ([]fulfillment.Fee, error)
}

// poster sends a letter once for each key of a patron, whoever asks again.
type poster interface {
	Post(ctx context.Context, order outbox.Order) (letter.Sent, error)
}

// Activity sends the Borrowing Activity Letter to every patron who has a loan or owes a fee.
type Activity struct {
	inbox  drop.Inbox
	store  activityKeeper
	shards int
	outbox poster
	inst   *institution.Institution

	patience time.Duration // between two looks at a letter that is being sent
}

// NewActivity returns the round of letters to the patrons, who are in that many shards.
func NewActivity(inbox drop.Inbox, store activityKeeper, shards int, out poster, inst *institution.Institution) *Activity {
	return &Activity{inbox: inbox, store: store, shards: shards, outbox: out, inst: inst, patience: 5 * time.Second}
}

// Process makes the round the object stands for. Within one round nobody gets the letter twice, however often it is begun
// anew. An error says that the work is not done and the same object is to be processed again.
func (a *Activity) Process(ctx context.Context, o drop.Object) error {
	return a.inbox.Do(ctx, o, job.Job{Kind: job.ActivityLetters}, func(ctx context.Context, r *drop.Run) error {
		r.Tally.Begin(0, name(o))
		if err := r.Enter(ctx, job.Applying); err != nil {
			return err
		}
		for shard := r.Job.Place.File; shard < a.shards; shard++ {
			if err := a.shard(ctx, r, shard); err != nil {
				return err
			}
		}
		return finish(ctx, r)
	}, nil)
}

const (
	// atOnce is how many letters are on their way at the same time.
	atOnce = 8
	// pageTime is about how long the letters of one page take; between two pages a round may be ended.
	pageTime = 10 * time.Second
)

// shard sends the letters to the patrons of a shard, from where the round is.
func (a *Activity) shard(ctx context.Context, r *drop.Run, shard int) error {
	place, after := r.Job.Place, ""
	if place.File == shard {
		after = string(place.Waiting)
	}
	rate := a.inst.LettersPerSecond()
	for more := true; more; {
		if r.OutOfTime(ctx) {
			return drop.ErrOutOfTime
		}
		var uids []string
		var err error
		uids, more, err = a.store.ActivePatrons(ctx, shard, after, max(1, int(rate*pageTime.Seconds())))
		if err != nil {
			return fmt.Errorf("list patrons with activity: %w", err)
		}
		if err := a.page(ctx, r, uids, rate); err != nil {
			return err
		}
		place = job.Place{File: shard, Records: place.Records + int64(len(uids)), Waiting: []byte(after)}
		if len(uids) > 0 {
			after = uids[len(uids)-1]
			place.Waiting = []byte(after)
		}
		if !more {
			place.File, place.Waiting = shard+1, nil
		}
		if err := r.Keep(ctx, place); err != nil {
			return err
		}
	}
	return nil
}

// page sends the letters to some patrons, no more in a second than the rate, and counts what became of them.
func (a *Activity) page(ctx context.Context, r *drop.Run, uids []string, rate float64) error {
	told := make([]outcome, len(uids))
	group, within := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	start := time.Now()
	turn := func(i int) time.Time { return start.Add(time.Duration(float64(i) / rate * float64(time.Second))) }
	for i, uid := range uids {
		err := until(within, turn(i))
		if err == nil {
			err = r.Beat(within)
		}
		if err != nil {
			group.Go(func() error { return err })
			break
		}
		group.Go(func() (err error) {
			told[i], err = a.letter(within, uid, r.Job.Key)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, t := range told {
		t.count(r)
	}
	r.Done(int64(len(uids)))
	return until(ctx, turn(len(uids)))
}

// until waits for a time.
func until(ctx context.Context, t time.Time) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Until(t)):
		return nil
	}
}

// outcome is what became of a patron's letter: it was sent, there was nothing to report, or the reason why not.
type outcome struct {
	primaryID string
	sent      bool
	reason    string
}

func (o outcome) count(r *drop.Run) {
	switch {
	case o.sent:
		r.Tally.Add(0, job.Counts{Processed: 1, Created: 1})
	case o.reason == "":
		r.Tally.Add(0, job.Counts{Processed: 1, Unchanged: 1})
	default:
		r.Reject(0, drop.Rejected{ID: o.primaryID, Reason: o.reason}, nil)
	}
}

// letter sends one patron the letter of the round.
func (a *Activity) letter(ctx context.Context, uid, round string) (outcome, error) {
	p, err := a.store.PatronByUID(ctx, uid)
	if errors.Is(err, patron.ErrNotFound) {
		return outcome{}, nil // deleted meanwhile
	}
	if err != nil {
		return outcome{}, fmt.Errorf("read a patron: %w", err)
	}
	message, err := a.message(ctx, p)
	if errors.Is(err, letter.ErrNothingToReport) {
		return outcome{}, nil
	}
	if err != nil {
		return outcome{}, err
	}
	to, _ := p.PreferredEmail()
	switch {
	case letter.Disabled(a.inst, letter.BorrowingActivityCode):
		return outcome{primaryID: p.PrimaryID, reason: "The institution has switched the letter off."}, nil
	case letter.OptedOut(p, letter.BorrowingActivityCode):
		return outcome{primaryID: p.PrimaryID, reason: "The patron does not want the letter."}, nil
	case to.Address == "":
		return outcome{primaryID: p.PrimaryID, reason: "The patron has no preferred e-mail address."}, nil
	}
	return a.post(ctx, p, outbox.Order{
		UID: uid, Key: "\x00round " + round, Code: letter.BorrowingActivityCode, By: "round:" + job.ActivityLetters, Message: message,
		From: a.inst.Letters.From, ReplyTo: a.inst.Letters.ReplyTo, To: to.Address,
	})
}

// post hands the letter on. One that another run of the round sent is sent. What became of one that another run was about
// to send when it ended is known after a minute, and waited for.
func (a *Activity) post(ctx context.Context, p patron.Patron, order outbox.Order) (outcome, error) {
	for {
		sent, err := a.outbox.Post(ctx, order)
		switch {
		case errors.Is(err, letter.ErrPatronGone):
			return outcome{}, nil
		case err != nil && sent.State != letter.Mailed:
			return outcome{}, fmt.Errorf("send a letter: %w", err)
		case sent.State == letter.Mailed:
			return outcome{sent: true}, nil
		case sent.State != letter.Sending:
			return outcome{primaryID: p.PrimaryID, reason: "The letter is " + string(sent.State) + ": " + sent.Reason + "."}, nil
		}
		if err := until(ctx, time.Now().Add(a.patience)); err != nil {
			return outcome{}, err
		}
	}
}

// message is the letter as the patron's loans and fees are now.
func (a *Activity) message(ctx context.Context, p patron.Patron) (letter.Message, error) {
	loans, err := a.store.ActiveLoans(ctx, p.UID)
	if err != nil {
		return letter.Message{}, fmt.Errorf("list loans: %w", err)
	}
	fees, err := a.store.OpenFees(ctx, p.UID)
	if err != nil {
		return letter.Message{}, fmt.Errorf("list fees: %w", err)
	}
	now := a.inbox.Now()
	return letter.BorrowingActivity(p, letter.ActivityOf(loans, fees, a.inst, now), a.inst, now)
}

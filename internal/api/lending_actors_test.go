package api

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"time"

	"patrondesk/internal/drop"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/rounds"
)

// actor is somebody at a desk, who does one thing after the other at random.
type actor struct {
	*desk
	*rand.Rand
	told *told
	name int
	n    int // of calls
}

// settled makes a call until its answer says for certain what became of it.
func (a *actor) settled(method, path, body string) answer {
	a.n++
	key := fmt.Sprintf("Idempotency-Key: %d-%d", a.name, a.n)
	for {
		got := a.call(method, path, body, key)
		if got.status < 500 && got.status != 429 {
			a.told.mu.Lock()
			defer a.told.mu.Unlock()
			a.told.answers[strings.TrimSpace(fmt.Sprint(got.status, " ", got.code()))]++
			return got
		}
	}
}

// step does something. What the patrons have and want is read without faults' mercy, too: a list may be old.
func (a *actor) step() {
	who, barcode := worldPeople[a.IntN(len(worldPeople))], fmt.Sprintf("b%d", 1+a.IntN(worldItems))
	switch a.IntN(18) {
	case 0, 1, 2, 3:
		a.checkOutOne(who, barcode)
	case 4, 5, 6:
		desk := []string{scanAtMain, scanAtMain, scanAtScience}[a.IntN(3)]
		a.settled("POST", "/items?item_barcode="+barcode+"&"+desk, "")
	case 7, 8:
		a.place(who)
	case 9:
		if path := a.one(who, "requests", "user_request", "request_id"); path != "" {
			a.settled("DELETE", path+"?reason=CancelledAtPatronRequest&notify_user=false", "")
		}
	case 10:
		if path := a.one(who, "loans", "item_loan", "loan_id"); path != "" {
			a.settled("POST", path+"?op=renew&override_blocks=true", "")
		}
	case 11:
		if path := a.one(who, "loans", "item_loan", "loan_id"); path != "" {
			a.settled("POST", path+"?op="+[]string{"lost", "claimed_returned", "found"}[a.IntN(3)], "")
		}
	case 12:
		if path := a.one(who, "loans", "item_loan", "loan_id"); path != "" {
			a.settled("PUT", path, due(a.Now().Add(time.Duration(1+a.IntN(200))*time.Hour).Format(time.RFC3339)))
		}
	case 13:
		a.pay(who)
	case 14:
		a.settled("POST", "/users/"+who+"/loans/all?op=renew", "")
	case 15:
		if a.settled("DELETE", "/users/"+mortal, "").status == 204 {
			a.settled("POST", "/users", person(mortal))
		}
	case 16:
		a.clearShelves()
	case 17:
		if path := a.one(who, "requests", "user_request", "request_id"); path != "" {
			until := fmt.Sprintf(`{"last_interest_date":%q,`, a.Now().AddDate(0, 0, a.IntN(20)).Format("2006-01-02Z"))
			a.settled("PUT", path, strings.Replace([]string{holdAtMain, holdAtScience}[a.IntN(2)], "{", until, 1))
		}
	}
}

// clearShelves makes the nightly round of the hold shelves. One that fails leaves what is left to the next.
func (a *actor) clearShelves() {
	a.n++
	inbox := drop.Inbox{Source: a.files, Sink: a.files, Jobs: a.Store, Log: slog.New(slog.DiscardHandler), Now: a.Now}
	_ = rounds.NewHolds(inbox, a.Store, a.Institution).Process(a.t.Context(), drop.Object{Key: fmt.Sprintf("runs/hold-shelf/%d-%d", a.name, a.n)})
}

func (a *actor) checkOutOne(who, barcode string) {
	query := ""
	if a.IntN(3) == 0 {
		query = "&override_blocks=true"
	}
	if got := a.settled("POST", "/users/"+who+"/loans?item_barcode="+barcode+query, atMain); got.status == 200 {
		a.told.mu.Lock()
		defer a.told.mu.Unlock()
		a.told.loans[fmt.Sprint(got.object(a.t)["loan_id"])] = who
	}
}

// place asks for a copy, or for any one of a title.
func (a *actor) place(who string) {
	of := fmt.Sprintf("item_pid=%d", 1+a.IntN(worldItems))
	if a.IntN(2) == 0 {
		of = fmt.Sprintf("mms_id=%d", 95+a.IntN(5))
	}
	begun := time.Now()
	got := a.settled("POST", "/users/"+who+"/requests?"+of, []string{holdAtMain, holdAtScience}[a.IntN(2)])
	if got.status == 200 {
		a.told.mu.Lock()
		defer a.told.mu.Unlock()
		a.told.placed[fmt.Sprint(got.object(a.t)["request_id"])] = span{begun, time.Now()}
	}
}

// pay charges a fee, or pays on what is owed.
func (a *actor) pay(who string) {
	if a.IntN(2) == 0 || who == mortal {
		a.settled("POST", "/users/"+who+"/fees", feeBody("3"))
		return
	}
	if got := a.settled("POST", "/users/"+who+"/fees/all?op=pay&method=CASH&amount=1.5", ""); got.status == 200 {
		a.told.mu.Lock()
		defer a.told.mu.Unlock()
		a.told.paid += fulfillment.Money(150)
	}
}

// one is the path of something the patron has, or "".
func (a *actor) one(who, kind, list, id string) string {
	got := a.call("GET", "/users/"+who+"/"+kind, "")
	if got.status != 200 {
		return ""
	}
	all := got.list(a.t, list)
	if len(all) == 0 {
		return ""
	}
	return fmt.Sprintf("/users/%s/%s/%v", who, kind, all[a.IntN(len(all))][id])
}

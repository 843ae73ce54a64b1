package main

import (
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"patrondesk/functions"
	"patrondesk/infra/local/clock"
	"patrondesk/infra/local/queue"
	"patrondesk/internal/api"
	"patrondesk/internal/auth"
	"patrondesk/internal/desk"
	"patrondesk/internal/directory"
	"patrondesk/internal/drop"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/institution"
	"patrondesk/internal/itemlist"
	"patrondesk/internal/job"
	"patrondesk/internal/mail"
	"patrondesk/internal/obs"
	"patrondesk/internal/outbox"
	"patrondesk/internal/rounds"
	"patrondesk/internal/session"
	"patrondesk/internal/sis"
)

// parts are what one function is given here: its own clients, which refuse what it may not do.
type parts struct {
	function    functions.Function
	clock       *clock.Clock
	store       *dynamo.Store
	bucket      *s3.Client
	mailbox     *mail.Sender
	verifier    *auth.Verifier
	provider    *session.Provider
	institution *institution.Institution
	log         *slog.Logger
}

// httpHandler is the handler of a function of the HTTP API, wired as its main does.
func httpHandler(p parts) (http.Handler, error) {
	if p.function.Pages {
		return obs.Middleware(p.function.Name, p.log, p.desk()), nil
	}
	a := p.api(p.verifier)
	handler, ok := a.Function(p.function.Name)
	if !ok {
		return nil, fmt.Errorf("nothing answers for the function %s", p.function.Name)
	}
	return obs.Middleware(p.function.Name, p.log, handler), nil
}

// desk serves the pages.
func (p parts) desk() http.Handler {
	a := p.api(nil)
	d := &desk.Desk{
		API: a.Every(), People: a.Guard, Sessions: p.store, Provider: p.provider, Institution: p.institution,
		Now: p.clock.Now, Clock: time.Now, BucketOrigin: drop.NewBucket(p.bucket, bucketName).Origin(),
	}
	return d.Handler()
}

// api is the API with what the function needs of it.
func (p parts) api(verifier *auth.Verifier) *api.API {
	scopes := []string{p.institution.Code}
	for _, library := range p.institution.Libraries {
		scopes = append(scopes, library.Code)
	}
	a := &api.API{
		Store: p.store, Institution: p.institution, Now: p.clock.Now,
		Guard: auth.New(p.store, p.store, verifier, time.Now, scopes...),
	}
	if p.function.Name == "patron-search" || p.function.Pages {
		a.Directory = directory.New(clock.Source{Source: p.store, Clock: p.clock}, dynamo.Shards)
	}
	if len(p.function.Bucket) > 0 {
		a.Bucket = drop.NewBucket(p.bucket, bucketName)
	}
	if p.function.Email {
		a.Outbox = outbox.New(p.store, p.mailbox, p.clock.Now)
	}
	return a
}

// dropHandler is the handler of a function that a dropped file starts, wired as its main does.
func dropHandler(p parts) (queue.Handler, error) {
	files := drop.NewBucket(p.bucket, bucketName)
	inbox := drop.Inbox{Source: files, Sink: files, Jobs: p.store, Log: p.log, Now: p.clock.Now}
	switch p.function.Name {
	case "sis-import":
		return drop.Handler(p.log, sis.New(inbox, p.store, p.store, p.mailbox, p.institution).Process), nil
	case "item-import":
		return drop.Handler(p.log, itemlist.New(inbox, p.store, p.institution).Process), nil
	case job.ActivityLetters:
		out := outbox.New(p.store, p.mailbox, p.clock.Now)
		return drop.Handler(p.log, rounds.NewActivity(inbox, p.store, dynamo.Shards, out, p.institution).Process), nil
	case job.HoldShelf:
		return drop.Handler(p.log, rounds.NewHolds(inbox, p.store, p.institution).Process), nil
	default:
		return nil, fmt.Errorf("nothing reads the files of the function %s", p.function.Name)
	}
}

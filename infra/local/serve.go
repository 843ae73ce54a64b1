package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"patrondesk/functions"
	"patrondesk/infra/deployment"
	"patrondesk/infra/local/gateway"
	"patrondesk/infra/local/queue"
	"patrondesk/infra/local/signin"
	"patrondesk/internal/apigw"
	"patrondesk/internal/auth"
	"patrondesk/internal/mail"
	"patrondesk/internal/session"
)

// mounted are all functions, ready to be started.
type mounted struct {
	routes    []gateway.Route
	consumers []queue.Consumer
}

// mount wires every function of functions.go.
func (l library) mount(s settings, verifier *auth.Verifier, log *slog.Logger) (mounted, error) {
	var m mounted
	for _, f := range functions.All {
		mine := l.clients.guarded(f)
		p := parts{
			function: f, clock: l.clock, store: l.store(mine), bucket: mine.bucket(),
			mailbox: mail.New(mine.mail(), ""), verifier: verifier, institution: l.institution, log: log,
			provider: &session.Provider{Issuer: issuer(s), Client: signin.Audience, Claim: signin.Claim, Now: time.Now},
		}
		if len(f.Routes) > 0 {
			handler, err := httpHandler(p)
			if err != nil {
				return m, err
			}
			for _, pattern := range f.Routes {
				m.routes = append(m.routes, gateway.Route{Pattern: pattern, Function: f.Name, Invoke: apigw.Handler(handler), Timeout: f.Timeout})
			}
		}
		if len(f.Drops) > 0 {
			handler, err := dropHandler(p)
			if err != nil {
				return m, err
			}
			m.consumers = append(m.consumers, queue.Consumer{
				Dir: queues(s), Function: f, Handler: handler, Attempts: deployment.Deliveries, Pause: time.Second, Log: log,
			})
		}
	}
	return m, nil
}

// api is the handler of the HTTP API, which pages of the origins may call.
func (m mounted) api(origins []string, log *slog.Logger) http.Handler {
	return gateway.New(m.routes, origins, log, func() string { return ulid.Make().String() })
}

// consume delivers dropped files until the context ends; wait returns when no function is running any more.
func (m mounted) consume(ctx context.Context) (wait func()) {
	var running sync.WaitGroup
	for _, c := range m.consumers {
		running.Go(func() { c.Run(ctx) })
	}
	return running.Wait
}

// server is an HTTP server of this process.
type server struct {
	http   *http.Server
	failed chan error
}

// serve begins to serve the handler; variable is the setting that chooses another port.
func serve(addr, variable string, handler http.Handler) (*server, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%s is taken: set %s to a free port, or stop what uses it", addr, variable)
	}
	s := &server{
		http:   &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute},
		failed: make(chan error, 1),
	}
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("serve %s: %w", addr, err)
		}
	}()
	return s, nil
}

// stop ends the server when the requests it is answering are answered, or after five seconds.
func (s *server) stop() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if s.http.Shutdown(ctx) != nil {
		s.http.Close()
	}
}

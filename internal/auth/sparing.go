package auth

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"time"
)

// The bounds of asking an issuer.
const (
	askTimeout = 5 * time.Second
	askPause   = 10 * time.Second // between two questions for the same thing
	askMost    = 1 << 20          // bytes of an answer
)

// sparingClient is client asking for the same thing only once in askPause: tokens with made-up key ids, each of which
// makes the library ask for new keys, shall not become a flood of questions to the issuer.
func sparingClient(client *http.Client, now func() time.Time) *http.Client {
	next := client.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	return &http.Client{Timeout: askTimeout, Transport: &sparing{next: next, now: now, answers: make(map[string]answer)}}
}

// sparing is a RoundTripper for the few addresses of one issuer.
type sparing struct {
	next http.RoundTripper
	now  func() time.Time

	mu      sync.Mutex
	answers map[string]answer // by URL
}

type answer struct {
	header http.Header
	body   []byte
	until  time.Time
}

// RoundTrip implements [http.RoundTripper]. Only good answers are remembered.
func (s *sparing) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	a, ok := s.answers[r.URL.String()]
	s.mu.Unlock()
	if ok && s.now().Before(a.until) {
		return a.response(r), nil
	}
	resp, err := s.next.RoundTrip(r)
	if err != nil || resp.StatusCode != http.StatusOK {
		return resp, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, askMost))
	if err != nil {
		return nil, err
	}
	a = answer{header: resp.Header, body: body, until: s.now().Add(askPause)}
	s.mu.Lock()
	s.answers[r.URL.String()] = a
	s.mu.Unlock()
	return a.response(r), nil
}

func (a answer) response(r *http.Request) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header.Clone(), Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: r,
	}
}

// Package obs writes what is known of an invocation afterwards: one line of JSON, which is both the log line and, in
// CloudWatch's embedded metric format, the metrics. Nothing of a request but its route gets into it: what a patron
// reads, and who asks, is nobody's business. It imports nothing of ours but alma, for its error codes.
package obs

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"time"
)

// Namespace is the metrics' namespace in CloudWatch.
const Namespace = "patrondesk"

// NewLog writes JSON lines to w, as CloudWatch reads them.
func NewLog(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, nil)) }

// Middleware writes one line to log after each request h has answered: function, route, status, Alma code, caller
// kind, tracking id and, for a fault, the text of its error. The same line carries the metrics Latency (milliseconds),
// ClientErrors and ServerErrors (each 0 or 1) of the function, and LettersNotSent where there are any; Latency's sample
// count is the number of requests.
//
// The route is the pattern under which a ServeMux directly in h matched. A panic is logged as status 500 with the type
// of its value and the place in the program it came from, without the value, and then goes on up.
func Middleware(function string, log *slog.Logger, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i := invocation{function: function, start: time.Now()}
		r = r.WithContext(context.WithValue(r.Context(), noteKey{}, &i.note))
		sw := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		defer func() {
			value := recover()
			i.end(r, sw.status, value)
			i.log(r.Context(), log)
			if value != nil {
				panic(value)
			}
		}()
		h.ServeHTTP(sw, r)
	})
}

// invocation is what the line tells.
type invocation struct {
	function, route, tracking string
	status                    int
	start                     time.Time
	took                      time.Duration
	panicked, at              string
	note                      note
}

func (i *invocation) end(r *http.Request, status int, panicked any) {
	i.took = time.Since(i.start)
	i.route, i.status, i.tracking = r.Pattern, status, TrackingID(r.Context())
	if i.route == "" {
		i.route = "none"
	}
	if panicked != nil {
		i.status, i.panicked, i.at = http.StatusInternalServerError, fmt.Sprintf("%T", panicked), panicPlace()
	}
}

func (i *invocation) log(ctx context.Context, log *slog.Logger) {
	attrs := []slog.Attr{
		slog.String("function", i.function),
		slog.String("route", i.route),
		slog.Int("status", i.status),
		slog.String("code", i.note.code),
		slog.String("caller", i.note.caller),
		slog.String("trackingId", i.tracking),
		slog.Float64("Latency", float64(i.took.Microseconds())/1000),
		slog.Int("ClientErrors", count(i.status/100 == 4)),
		slog.Int("ServerErrors", count(i.status/100 == 5)),
		slog.Any("_aws", newDirective(i.start, i.note.unsent > 0)),
	}
	if i.note.unsent > 0 {
		attrs = append(attrs, slog.Int(LettersNotSent, i.note.unsent))
	}
	level := slog.LevelInfo
	if i.status >= 500 {
		level = slog.LevelError
	}
	if i.note.fault != "" {
		attrs = append(attrs, slog.String("error", i.note.fault))
	}
	if i.panicked != "" {
		attrs = append(attrs, slog.String("panic", i.panicked), slog.String("at", i.at))
	}
	log.LogAttrs(ctx, level, "request", attrs...)
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// panicPlace is the function and line that panicked. It is called while the deferred function that recovered runs, so
// that the panicking frames are still on the stack, above the runtime's own.
func panicPlace() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	panicking := false
	for {
		f, more := frames.Next()
		ours := !strings.HasPrefix(f.Function, "runtime.")
		if panicking && ours {
			return fmt.Sprintf("%s:%d", f.Function, f.Line)
		}
		panicking = panicking || f.Function == "runtime.gopanic"
		if !more {
			return "unknown"
		}
	}
}

// statusWriter remembers the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
	wrote  bool
}

func (w *statusWriter) WriteHeader(status int) {
	if !w.wrote && status >= 200 {
		w.status, w.wrote = status, true
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	w.wrote = true
	return w.ResponseWriter.Write(b)
}

// Unwrap gives http.ResponseController the writer within.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

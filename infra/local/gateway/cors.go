package gateway

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"patrondesk/infra/deployment"
)

// withCORS lets pages of the origins call next, as the gateway does: it answers preflight requests itself, and replaces
// what a function says of CORS in its answers. Without origins it is next.
func withCORS(origins []string, next http.Handler) http.Handler {
	if len(origins) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		said := allowed(origins, origin)
		if r.Method == http.MethodOptions && origin != "" && r.Header.Get("Access-Control-Request-Method") != "" {
			if said != "" {
				allowPreflight(w.Header(), said)
			}
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(&corsWriter{ResponseWriter: w, origin: said}, r)
	})
}

// allowed is what the answer to a page of the origin says, or "".
func allowed(origins []string, origin string) string {
	switch {
	case origin == "":
		return ""
	case slices.Contains(origins, "*"):
		return "*"
	case slices.Contains(origins, origin):
		return origin
	}
	return ""
}

func allowPreflight(h http.Header, origin string) {
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Allow-Methods", strings.Join(deployment.CORSMethods(), ","))
	h.Set("Access-Control-Allow-Headers", strings.ToLower(strings.Join(deployment.CORSHeaders(), ",")))
	h.Set("Access-Control-Expose-Headers", strings.ToLower(strings.Join(deployment.CORSExposed(), ",")))
	h.Set("Access-Control-Max-Age", strconv.Itoa(int(deployment.CORSAge.Seconds())))
}

// corsWriter writes an answer with the gateway's own headers of CORS.
type corsWriter struct {
	http.ResponseWriter
	origin string
}

// WriteHeader implements [http.ResponseWriter].
func (w *corsWriter) WriteHeader(status int) {
	h := w.Header()
	for name := range h {
		if strings.HasPrefix(name, "Access-Control-") {
			h.Del(name)
		}
	}
	if w.origin != "" {
		h.Set("Access-Control-Allow-Origin", w.origin)
		h.Set("Access-Control-Expose-Headers", strings.ToLower(strings.Join(deployment.CORSExposed(), ",")))
	}
	w.ResponseWriter.WriteHeader(status)
}

package deployment

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// CORSAge is how long a browser keeps the gateway's answer to a preflight request.
const CORSAge = time.Hour

// CORSMethods are the methods that pages of other origins may use, where a deployment allows any.
func CORSMethods() []string { return []string{"GET", "POST", "PUT", "DELETE"} }

// CORSHeaders are the headers pages may send.
func CORSHeaders() []string {
	return []string{"Authorization", "Content-Type", "Accept", "If-Match", "Idempotency-Key"}
}

// CORSExposed are the headers of answers that pages may read.
func CORSExposed() []string { return []string{"ETag", "Location", "X-Patrondesk-Letter"} }

// Origins reads a list of origins with commas, such as "https://library.example.edu,http://localhost:5173". An empty
// list allows none, and "*" all: who calls shows a token or a key anyway.
func Origins(list string) ([]string, error) {
	var origins []string
	for text := range strings.SplitSeq(list, ",") {
		origin := strings.TrimSpace(text)
		if origin == "" {
			continue
		}
		u, err := url.Parse(origin)
		if origin != "*" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || strings.ToLower(u.Scheme+"://"+u.Host) != origin) {
			return nil, fmt.Errorf("%q is not an origin; give it as https://library.example.edu, in small letters and without a path", origin)
		}
		origins = append(origins, origin)
	}
	return origins, nil
}

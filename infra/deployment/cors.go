package deployment

import (
	"fmt"
	"regexp"
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
func CORSExposed() []string {
	return []string{"ETag", "Retry-After", "X-Exl-Api-Remaining", "X-Patrondesk-Letter"}
}

// One origin, and a list of them as [Origins] reads it. Browsers send an origin in small letters.
const (
	origin = `https?://(\[[0-9a-f:.]+\]|[a-z0-9_][a-z0-9._-]*)(:[0-9]{1,5})?`
	// OriginsPattern is the regular expression of a list of origins without spaces, which SAM could not take away.
	OriginsPattern = `^(\*|` + origin + `(,` + origin + `)*)?$`
)

// Origins reads a list of origins with commas between, such as "https://library.example.edu,http://localhost:5173". An
// empty list allows none, and "*" alone all: who calls shows a token or a key anyway. Spaces around an origin do not
// count.
func Origins(list string) ([]string, error) {
	var origins []string
	for text := range strings.SplitSeq(list, ",") {
		if text = strings.TrimSpace(text); text != "" {
			origins = append(origins, text)
		}
	}
	if !regexp.MustCompile(OriginsPattern).MatchString(strings.Join(origins, ",")) {
		return nil, fmt.Errorf(`%q are no origins; give them as https://library.example.edu, in small letters and without a path, with commas between, or "*" alone`, list)
	}
	return origins, nil
}

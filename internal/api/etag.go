package api

import (
	"fmt"
	"net/http"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// patronTag is the entity tag of a patron's record: it differs between any two writes, and between a record and one
// created again under the same identifiers.
func patronTag(p patron.Patron) string {
	return fmt.Sprintf(`"%s-%d"`, p.UID[max(0, len(p.UID)-8):], p.Version)
}

// requestTag is the entity tag of a request.
func requestTag(r fulfillment.Request) string {
	return fmt.Sprintf(`"%s-%d"`, r.ID[max(0, len(r.ID)-8):], r.Version)
}

// ifMatch honours the header If-Match (RFC 9110, 13.1.1): the caller writes only what they read. A tag a proxy made
// weak still names the same write.
func ifMatch(r *http.Request, tag string) error {
	header := strings.Join(r.Header.Values("If-Match"), ",")
	if strings.TrimSpace(header) == "" || strings.TrimSpace(header) == "*" {
		return nil
	}
	for _, given := range strings.Split(header, ",") {
		if strings.TrimPrefix(strings.TrimSpace(given), "W/") == tag {
			return nil
		}
	}
	return alma.PreconditionFailed()
}

// conditional reports whether the caller said which version they mean to change.
func conditional(r *http.Request) bool {
	header := strings.TrimSpace(r.Header.Get("If-Match"))
	return header != "" && header != "*"
}

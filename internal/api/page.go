package api

import (
	"net/http"
	"strconv"

	"patrondesk/internal/alma"
)

// page is which part of a list is asked for.
type page struct{ limit, offset int }

// Limits of a page, from the description of GET /users.
const (
	defaultLimit = 10
	maxLimit     = 100
)

// pageOf reads limit (0 to 100, 10 by default) and offset; refuse makes the error of the operation for what is
// neither.
func pageOf(r *http.Request, refuse func(reasons ...string) *alma.Error) (page, error) {
	p := page{limit: defaultLimit}
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > maxLimit {
			return p, refuse("The parameter limit takes a number from 0 to 100.")
		}
		p.limit = n
	}
	if text := r.URL.Query().Get("offset"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return p, refuse("The parameter offset takes a number from 0.")
		}
		p.offset = n
	}
	return p, nil
}

// pageFrom is the part of the list the page asks for.
func pageFrom[T any](list []T, p page) []T {
	start := min(p.offset, len(list))
	return list[start:min(start+p.limit, len(list))]
}

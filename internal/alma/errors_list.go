package alma

import "strings"

// Errors are several refusals of one call, each of which is told; the first one decides the HTTP status. Alma's clients
// read the first, and some all of them.
type Errors []*Error

// Error is the codes alone, which are fit for a log.
func (e Errors) Error() string {
	codes := make([]string, len(e))
	for i, one := range e {
		codes[i] = one.Code
	}
	return "alma errors " + strings.Join(codes, ", ")
}

// Unwrap gives the refusals, so that [errors.As] finds the first.
func (e Errors) Unwrap() []error {
	all := make([]error, len(e))
	for i, one := range e {
		all[i] = one
	}
	return all
}

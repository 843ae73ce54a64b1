package alma

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

const (
	jsonType = "application/json;charset=UTF-8"
	xmlType  = "application/xml;charset=UTF-8"

	// apiRemaining is sent as X-Exl-Api-Remaining. There is no daily limit here, and some clients stop when the
	// number falls below a threshold of theirs.
	apiRemaining = "1000000000"

	xmlDeclaration = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
)

// InProcess is a [http.ResponseWriter] of a caller in the same process, who takes the answer as it is instead of its text.
type InProcess interface {
	// Take is given the object, instead of which nothing is written.
	Take(object any)
	// Refuse is given the error of a call that failed, in Alma's words where it has any.
	Refuse(err error)
}

// Write answers 200 with v, one of this package's objects, in the format the request asks for: `?format=json` or
// `?format=xml`, else the Accept header with its q values. Like Alma it answers XML when there is no Accept header or
// only `*/*` (curl's), and when nothing acceptable is named. An error means that nothing was written.
func Write(w http.ResponseWriter, r *http.Request, v any) error {
	if caller, ok := w.(InProcess); ok {
		caller.Take(v)
		return nil
	}
	body, err := encode(v, wantsJSON(r))
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	w.Header().Set("X-Exl-Api-Remaining", apiRemaining)
	respond(w, http.StatusOK, body, wantsJSON(r))
	return nil
}

// WriteJSON answers 200 with an object that is JSON already, whatever the request asks for.
func WriteJSON(w http.ResponseWriter, body []byte) {
	w.Header().Set("X-Exl-Api-Remaining", apiRemaining)
	respond(w, http.StatusOK, body, true)
}

func respond(w http.ResponseWriter, status int, body []byte, asJSON bool) {
	contentType := xmlType
	if asJSON {
		contentType = jsonType
	}
	w.Header().Set("Content-Type", contentType)
	w.Header().Add("Vary", "Accept")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the caller is gone when this fails
}

func encode(v any, asJSON bool) ([]byte, error) {
	if asJSON {
		return marshalJSON(v)
	}
	body, err := xml.Marshal(v)
	return append([]byte(xmlDeclaration), body...), err
}

// marshalJSON leaves <, > and & as they are, as Alma does.
func marshalJSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), err
}

func wantsJSON(r *http.Request) bool {
	switch strings.ToLower(r.URL.Query().Get("format")) {
	case "json":
		return true
	case "xml":
		return false
	}
	ranges := strings.Split(strings.Join(r.Header.Values("Accept"), ","), ",")
	return weigh(ranges, "json").over(weigh(ranges, "xml"))
}

// weight is how much a client wants a format: the q of the most exact range that matches, how exact that range is
// (3 names the format, 2 its top-level type, 1 anything), and where it stands in the header.
type weight struct {
	q        float64
	exact    int
	position int
}

// over reports whether a format of weight a is preferred to one of weight b, which wins when nothing tells them apart.
func (a weight) over(b weight) bool {
	switch {
	case a.q == 0:
		return false
	case a.q != b.q:
		return a.q > b.q
	case a.exact != b.exact:
		return a.exact > b.exact
	}
	return a.exact == 3 && a.position < b.position
}

func weigh(ranges []string, subtype string) weight {
	best := weight{}
	for i, one := range ranges {
		name, params, _ := strings.Cut(one, ";")
		exact := exactness(strings.ToLower(strings.TrimSpace(name)), subtype)
		if exact == 0 || exact < best.exact {
			continue
		}
		q := quality(params)
		if exact > best.exact || q > best.q {
			best = weight{q, exact, i}
		}
	}
	return best
}

func exactness(mediaRange, subtype string) int {
	switch mediaRange {
	case "application/" + subtype, "text/" + subtype:
		return 3
	case "application/*", "text/*":
		return 2
	case "*/*", "*":
		return 1
	}
	return 0
}

func quality(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			if q, err := strconv.ParseFloat(strings.TrimSpace(value), 64); err == nil && q >= 0 && q <= 1 {
				return q
			}
			return 0
		}
	}
	return 1
}

package auth

import (
	"net/http"
	"net/url"
	"strings"
)

// credentials are what a caller shows: at most one of the two. refused says that something was shown that cannot be
// used: another scheme, no value, two different ones.
type credentials struct {
	key, token string
	refused    bool
}

// maxCredential is more than a gateway passes on in all headers together, in bytes.
const maxCredential = 16 << 10

// parseAuthorization reads an Authorization header: a scheme, whose case does not matter, blanks, and one word. An
// empty header shows nothing.
func parseAuthorization(header string) credentials {
	header = strings.Trim(header, " \t")
	if header == "" {
		return credentials{}
	}
	scheme, value, _ := strings.Cut(header, " ")
	value = strings.Trim(value, " \t")
	if !isWord(value) {
		return credentials{refused: true}
	}
	switch strings.ToLower(scheme) {
	case "apikey":
		return credentials{key: value}
	case "bearer":
		return credentials{token: value}
	}
	return credentials{refused: true}
}

// isWord reports whether the text is one word of visible ASCII without a comma, which would join two headers.
func isWord(text string) bool {
	if text == "" || len(text) > maxCredential {
		return false
	}
	return !strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' || r == ',' })
}

// takeCredentials reads the credentials of r and removes them from it, so that no handler and no log line can see
// them. Two ways at once are refused, unless both show the same key: a caller is one caller (RFC 6750, section 2).
func takeCredentials(r *http.Request) credentials {
	c := credentials{}
	if headers := r.Header.Values("Authorization"); len(headers) > 0 {
		c = parseAuthorization(strings.Join(headers, ","))
		r.Header.Del("Authorization")
	}
	query, keys := takeKeys(r.URL.RawQuery)
	if query != r.URL.RawQuery {
		u := *r.URL
		u.RawQuery = query
		r.URL, r.RequestURI, r.Form = &u, u.RequestURI(), nil
	}
	for _, k := range keys {
		if !isWord(k) || c.token != "" || c.key != "" && c.key != k {
			c.refused = true
		}
		c.key = k
	}
	return c
}

// takeKeys separates the apikey parameters from a raw query; what is left keeps its order and its escapes.
func takeKeys(raw string) (rest string, keys []string) {
	var kept []string
	for pair := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		if !strings.EqualFold(strings.TrimSpace(name), "apikey") {
			kept = append(kept, pair)
			continue
		}
		plain, err := url.QueryUnescape(value)
		if err != nil {
			plain = "" // no key has this form
		}
		keys = append(keys, plain)
	}
	return strings.Join(kept, "&"), keys
}

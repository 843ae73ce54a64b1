package alma

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"
)

// MaxBody is the largest request body that is read, in bytes.
const MaxBody = 1 << 20

// Read reads the request's body, JSON or XML by its Content-Type (by its first character when there is none), into
// one of this package's objects. It is strict: what cannot be stored as it was meant is refused with 401676 and a
// sentence that names the field and never repeats its value. Descriptions and fields that only Alma writes are
// accepted and ignored, so that an object that was read can be changed and sent back. In a text that is only white
// space nothing is kept. Every error is an [*Error].
func Read(r *http.Request, into any) error {
	var data []byte
	if r.Body != nil {
		var err error
		if data, err = io.ReadAll(io.LimitReader(r.Body, MaxBody+1)); err != nil {
			return unreadable(err)
		}
	}
	if len(data) > MaxBody {
		return NoValidXML("The body is larger than 1 MB.")
	}
	asJSON, err := bodyFormat(r.Header.Get("Content-Type"), data)
	if err == nil {
		_, err = unmarshal(data, into, asJSON, false)
	}
	var bad badBody
	if errors.As(err, &bad) {
		return NoValidXML(string(bad))
	}
	return err
}

// unreadable keeps apart the limit a front end may have set with [http.MaxBytesReader] and a connection that broke.
func unreadable(err error) error {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return NoValidXML("The body is larger than 1 MB.")
	}
	return NoValidXML("The body could not be read to its end.")
}

// DecodeUser reads one <user> element of an SIS file, in UTF-8, into a user. Elements and attributes it does not know
// are ignored and counted in unknown; everything else is as strict as [Read]. An error is fit for an import report: it
// names the field, and never repeats its value.
func DecodeUser(record []byte) (user User, unknown int, err error) {
	unknown, err = unmarshal(record, &user, false, true)
	if err != nil {
		return User{}, unknown, err
	}
	return user, unknown, nil
}

func bodyFormat(contentType string, data []byte) (asJSON bool, err error) {
	if strings.TrimSpace(contentType) == "" {
		trimmed := bytes.TrimLeft(trimBOM(data), " \t\r\n")
		return !bytes.HasPrefix(trimmed, []byte("<")), nil
	}
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false, badBody("The Content-Type is not well formed; give application/json or application/xml.")
	}
	switch cs := strings.ToLower(params["charset"]); cs {
	case "", "utf-8", "utf8", "us-ascii":
	default:
		return false, badBody("The Content-Type names another character set than UTF-8. Send the body in UTF-8.")
	}
	switch media {
	case "application/json", "text/json":
		return true, nil
	case "application/xml", "text/xml":
		return false, nil
	}
	return false, badBody("The Content-Type must be application/json or application/xml.")
}

func trimBOM(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\uFEFF")) }

// unmarshal reads data into the object that into points to. A lenient one counts what it does not know and goes on.
func unmarshal(data []byte, into any, asJSON, lenient bool) (unknown int, err error) {
	data = trimBOM(data)
	if !utf8.Valid(data) {
		return 0, badBody("The body is not valid UTF-8.")
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return 0, badBody("The body is empty.")
	}
	parse := parseXML
	if asJSON {
		parse = parseJSON
	}
	n, err := parse(data)
	if err != nil {
		return 0, err
	}
	d := decoder{lenient: lenient}
	err = d.root(reflect.ValueOf(into).Elem(), n)
	return d.unknown, err
}

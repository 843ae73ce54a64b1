package alma

import (
	"encoding/xml"
	"errors"
	"net/http"
)

// envelope is the answer of every call that failed (web_service_result). Only it has a namespace.
type envelope struct {
	XMLName     xml.Name  `json:"-" xml:"http://com/exlibris/urm/general/xmlbeans web_service_result"`
	ErrorsExist bool      `json:"errorsExist" xml:"errorsExist"`
	ErrorList   errorList `json:"errorList" xml:"errorList"`
	Result      *struct{} `json:"result" xml:"result"`
}

type errorList struct {
	Error []errorItem `json:"error" xml:"error"`
}

type errorItem struct {
	Code       string `json:"errorCode" xml:"errorCode"`
	Message    string `json:"errorMessage" xml:"errorMessage"`
	TrackingID string `json:"trackingId,omitempty" xml:"trackingId,omitempty"`
}

// WriteError answers with Alma's error envelope, in the format the request asks for; of [Errors] it lists each. An error
// that is no [*Error] is an internal failure: 500 with code 401652 and its fixed text, and nothing of the error itself.
// Refusals of an API key are XML whatever was asked for, and they and the rate limit carry no tracking id, as with Alma.
func WriteError(w http.ResponseWriter, r *http.Request, err error, trackingID string) {
	if caller, ok := w.(InProcess); ok {
		caller.Refuse(err)
		return
	}
	all := asErrors(err)
	e := all[0]
	list := errorList{each(all, func(e *Error) errorItem { return e.item(trackingID) })}
	asJSON := wantsJSON(r) && !e.key
	body, err := encode(envelope{ErrorsExist: true, ErrorList: list}, asJSON)
	if err != nil { // an envelope of texts always encodes
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if e.Status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	respond(w, e.Status, body, asJSON)
}

func (e *Error) item(trackingID string) errorItem {
	if e.gateway {
		trackingID = ""
	}
	return errorItem{Code: e.Code, Message: e.Message, TrackingID: trackingID}
}

// asErrors finds the [Errors] in err's chain, or makes a list of what asError finds.
func asErrors(err error) Errors {
	var list Errors
	if errors.As(err, &list) && len(list) > 0 {
		return list
	}
	return Errors{asError(err)}
}

// asError finds the [*Error] in err's chain, or makes one that tells nothing. A store that is too busy calls its error
// so by a method Busy.
func asError(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	var busy interface{ Busy() bool }
	if errors.As(err, &busy) && busy.Busy() {
		return PerSecondThreshold()
	}
	e = GeneralError()
	e.Status = http.StatusInternalServerError
	return e
}

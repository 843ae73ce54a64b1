package alma

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// numbered are all errors with a code of Alma's, in order of code, with the arguments Alma's documentation uses.
func numbered() []*Error {
	return []*Error{
		PersonalData(), InstitutionNotFound(), PersonalDeliveryUnsupported(), NetworkNotConfigured(), RequestItemNotFound(),
		InvalidDigitization(), RequestNotCreated(), NoItemFulfills(), RequestExists(), WrongDesk(), CardExpired(), NotLoanable(),
		GeneralError(), MandatoryFieldMissing("X"), InvalidParameter("X"), PIDEmpty(), NoValidXML(), DueDateInPast(),
		ItemNotFoundForBarcode("X"), RequestNotFound(), CannotRenew("XXX"), LoanNotFound("XXX"), DueDateMissing(),
		UserNotDeleted("X", "Y"), UserExists("X", "Y"), IllegalUserGroup(), ExternalIDNotEmpty(), ExternalIDMissing(), InternalWithExternalAuth(),
		IllegalAccountType(), ExternalIDFixed(), NotSupported(), UserNotUpdated(), UserNotFound("X"), TypeNotSupported("X", "Y", "Z"),
		InvalidType("X", "Y"), AuthenticationFailed(), UserOfTypeNotFound("X", "Y"), PickupNotFound("X", "Y"), RequestIDNotFound(),
		NotDigitization("X"), MoveFailed("X"), GeneralListError(),
		JobIDInvalid(), JobInstanceInvalid(), JobOperationMissing(), JobOperationUnsupported(), ScanFailed(), ScannedItemNotFound(),
		PasswordRefused(), SourceUserNotFound("X", "Y"), LinkingIDNotFound(), JobFilterInvalid("category"), ScanDeskMissing(),
	}
}

func TestErrorsInOrder(t *testing.T) {
	last := ""
	for _, e := range numbered() {
		if e.Status != 400 {
			t.Errorf("%s has status %d", e.Code, e.Status)
		}
		if len(e.Code) < len(last) || len(e.Code) == len(last) && e.Code <= last {
			t.Errorf("%s comes after %s", e.Code, last)
		}
		last = e.Code
		if e.Error() != "alma error "+e.Code {
			t.Errorf("%q is not fit for a log", e.Error())
		}
	}
}

// TestErrorTexts compares every text with Ex Libris's own document, where that is at hand.
func TestErrorTexts(t *testing.T) {
	dir := os.Getenv("ALMA_SAMPLES")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "reference", "alma")
	}
	document, err := os.ReadFile(filepath.Join(dir, "exlibris_openapi_users_2026-05-29.json"))
	if err != nil {
		t.Skip("the OpenAPI document is not here; set ALMA_SAMPLES to its folder")
	}
	texts := map[string][]string{
		"402216": {"Invalid job id."}, "402218": {"Invalid job instance id."}, // of /conf/jobs, which it does not have either
		"402220": {"Operation was not provided."}, "402221": {"Operation is not supported."}, "40166410": {"Invalid category."},
		"401851": {"User with identifier X of type Y already exists."},                                      // the document leaves the X out
		"402502": {"Scan in of item failed."}, "402504": {"Scan in has failed due to item retrieve issue."}, // of /bibs
		"401689":   {"No items found for barcode X."}, // of answers that clients recorded
		"40166415": {"Must send at least one of the following parameters: [circ_desk,department]"},
		"401168":   {"Patron card has expired."}, // in our words: only the code is known
	}
	for _, m := range regexp.MustCompile(`(\d{5,8}) - '(.*?)'(?:\\n|")`).FindAllSubmatch(document, -1) {
		texts[string(m[1])] = append(texts[string(m[1])], string(m[2]))
	}
	for _, e := range numbered() {
		if !bytes.Contains([]byte("\n"+strings.Join(texts[e.Code], "\n")+"\n"), []byte("\n"+e.Message+"\n")) {
			t.Errorf("%s is %q, documented are %q", e.Code, e.Message, texts[e.Code])
		}
	}
}

// TestErrorsInBothFormats writes every error, with hostile arguments, and reads it back.
func TestErrorsInBothFormats(t *testing.T) {
	hostile := "\x00<script>\xff]]>&\"'\r\n\u2028" + strings.Repeat("x", 1000)
	all := append(numbered(), Forbidden(), InvalidRequest(), PerSecondThreshold(), Unauthorized(), FieldOwnedBySIS(hostile, hostile),
		JobNotHeld(hostile), JobRejectedMissing(hostile), JobReportMissing(hostile), JobReportTooLarge(hostile), JobFilterInvalid(hostile),
		LetterDisabled(hostile), LetterNoEmail(), LetterNothingToReport(), LetterOptedOut(hostile), LetterUnknownCode(hostile), LetterNotSent("FAILED", hostile), LetterNotSent("UNKNOWN", hostile), CodeTableNotFound(hostile),
		PreconditionFailed(), ItemNotFoundForBarcode(hostile), CannotRenew(hostile, hostile), UserNotFound(hostile), InvalidType(hostile, hostile), UserNotUpdated("", "Why.", hostile))
	for _, e := range all {
		for _, accept := range []string{"application/json", "application/xml"} {
			r := httptest.NewRequest("GET", "/", nil)
			r.Header.Set("Accept", accept)
			w := httptest.NewRecorder()
			WriteError(w, r, e, "track")
			body := w.Body.Bytes()
			if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
				if !json.Valid(body) || !bytes.Contains(body, []byte(`"errorCode":"`+e.Code+`"`)) {
					t.Errorf("%s", body)
				}
			} else if n, err := parseXML(body); err != nil || n.name != "web_service_result" {
				t.Errorf("%v in %s", err, body)
			}
			if w.Code != e.Status || bytes.Contains(body, []byte("track")) == e.gateway {
				t.Errorf("%d %s", w.Code, body)
			}
			if (w.Header().Get("Retry-After") != "") != (w.Code == 429) {
				t.Errorf("%s: Retry-After %q", e.Code, w.Header().Get("Retry-After"))
			}
		}
	}
}

func TestReadBrokenBody(t *testing.T) {
	r := httptest.NewRequest("POST", "/", brokenReader{})
	if got := message(Read(r, new(User))); got != "No valid XML was given. The body could not be read to its end." {
		t.Errorf("got %q", got)
	}
	r.Body = nil
	if got := message(Read(r, new(User))); got != "No valid XML was given. The body is empty." {
		t.Errorf("got %q", got)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

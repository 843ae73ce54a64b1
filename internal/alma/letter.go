package alma

import (
	"encoding/xml"

	"patrondesk/internal/letter"
	"patrondesk/internal/patron"
)

// Letter is a letter sent, or to be sent, to a patron. Alma has no call for letters; the object is made after its
// others, with plain codes. Of a letter that is read only Code is kept.
type Letter struct {
	XMLName xml.Name `json:"-" xml:"letter"`

	ID        string   `json:"id" xml:"id" alma:"output"`
	Code      string   `json:"code" xml:"code"`
	Name      string   `json:"name" xml:"name" alma:"output"`
	Language  string   `json:"language" xml:"language" alma:"output"`
	Subject   string   `json:"subject" xml:"subject" alma:"output"`
	Status    string   `json:"status" xml:"status" alma:"output"` // PENDING, SENDING, SENT, FAILED or UNKNOWN
	Created   string   `json:"created_date" xml:"created_date" alma:"output"`
	Sent      NullText `json:"sent_date" xml:"sent_date,omitempty" alma:"output"` // only of a letter that was sent
	MessageID NullText `json:"message_id" xml:"message_id,omitempty" alma:"output"`
	Reason    NullText `json:"reason" xml:"reason,omitempty" alma:"output"`
	CreatedBy string   `json:"created_by" xml:"created_by" alma:"output"`
}

// Letters is the answer of GET /users/{user_id}/letters.
type Letters struct {
	XMLName xml.Name `json:"-" xml:"letters"`
	Letter  []Letter `json:"letter,omitempty" xml:"letter"`
	Total   int      `json:"total_record_count" xml:"total_record_count,attr"`
}

// LetterPreview is a letter as it would be sent now. Nothing was sent.
type LetterPreview struct {
	XMLName  xml.Name `json:"-" xml:"letter_preview"`
	Code     string   `json:"code" xml:"code"`
	Language string   `json:"language" xml:"language"`
	Subject  string   `json:"subject" xml:"subject"`
	To       NullText `json:"to" xml:"to,omitempty"` // null when the patron has no e-mail address to send to
	HTML     string   `json:"html" xml:"html"`
	Text     string   `json:"text" xml:"text"`
	// Refusal is why it would not be sent all the same, as code and message of the error that sending it is answered with.
	Refusal *Code `json:"refusal,omitempty" xml:"refusal"`
}

// NewLetter shows a letter of a patron's outbox, with its name in a language. The name is the letter's code when the
// institution does not describe it.
func NewLetter(s letter.Sent, d Describer, lang string) Letter {
	name := writer{d: d, lang: lang}.code("LibraryNoticesOptInDisplay", patron.Code{Value: s.Code, Desc: s.Code})
	out := Letter{
		ID:        s.ID,
		Code:      s.Code,
		Name:      name.Desc,
		Language:  s.Language,
		Subject:   s.Subject,
		Status:    string(s.State),
		Created:   timestamp(s.Created),
		MessageID: NullText(s.MessageID),
		Reason:    NullText(s.Reason),
		CreatedBy: s.By,
	}
	if s.State == letter.Mailed {
		out.Sent = NullText(timestamp(s.Finished))
	}
	return out
}

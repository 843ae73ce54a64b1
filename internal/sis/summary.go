package sis

import (
	"context"

	"patrondesk/internal/job"
	"patrondesk/internal/letter"
)

// sender sends a mail, as the letters to patrons are sent.
type sender interface {
	Send(ctx context.Context, m letter.Mail) (messageID string, err error)
}

// What became of a job's summary, as the job says it.
const (
	summarySent   = "SENT"
	summaryFailed = "FAILED"
)

// summarise sends the summary of a job that has ended or is held to the addresses its profile names, and says what
// became of it; empty when there was nothing to send. A mail that fails does not fail the job: its report is there.
func (i *Importer) summarise(ctx context.Context, j job.Job) string {
	profile, _ := i.inst.SISProfile(j.Profile)
	if len(profile.Notify) == 0 || i.mail == nil || i.inst.Letters.From == "" {
		return ""
	}
	message, err := letter.JobSummary(i.inst, j)
	if err != nil {
		return summaryFailed
	}
	outcome := summarySent
	for _, to := range profile.Notify {
		_, err := i.mail.Send(ctx, letter.Mail{
			From: i.inst.Letters.From, ReplyTo: i.inst.Letters.ReplyTo, To: to,
			Subject: message.Subject, HTML: message.HTML, Text: message.Text, LetterID: j.ID,
		})
		if err != nil {
			outcome = summaryFailed
		}
	}
	return outcome
}

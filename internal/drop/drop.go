// Package drop is the bucket into which the library's systems drop files: it turns the event of a new object into
// work, opens and unpacks the object, keeps the job, and puts the report beside the file. What a file means is told by
// the packages that read it, sis and itemlist. Of those three only this one knows AWS.
package drop

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"patrondesk/internal/obs"
)

// Object is one version of one object in the bucket.
type Object struct {
	Bucket string `json:"bucket"`
	// Key is plain text: EventBridge does not URL-encode keys, unlike S3's own notifications.
	Key       string `json:"key"`
	VersionID string `json:"versionId"` // empty in a bucket without versions
	ETag      string `json:"etag"`      // without quotes
	// Sequencer orders the events of one key: of two, the one that is greater as text is the later.
	Sequencer string    `json:"sequencer"`
	Time      time.Time `json:"time"`
}

// JobID is the id of the work on the object: the same for every delivery of the same event, and another for every
// version. A bucket without versions is told apart by the ETag.
func (o Object) JobID() string {
	sum := sha256.Sum256([]byte(o.Bucket + "\x00" + o.Key + "\x00" + o.version()))
	return hex.EncodeToString(sum[:16])
}

func (o Object) version() string {
	if o.VersionID != "" {
		return o.VersionID
	}
	return o.ETag
}

// ignored reports whether the object is none to work on: one of our own reports, or a console's "folder".
func (o Object) ignored() bool {
	return strings.HasSuffix(o.Key, "/") || strings.HasSuffix(o.Key, jsonReport) || strings.HasSuffix(o.Key, csvReport)
}

// ReleaseSuffix ends the key of the object that lets a held job go on: it is put beside the job's file, after the job
// was released, so that it comes through the same queue.
const ReleaseSuffix = ".release"

// File is an object that was opened. Every range of it is of the same version, whatever is put in the bucket meanwhile.
type File interface {
	Size() int64 // in bytes
	// Range reads length bytes from offset, or up to the end of the file where that comes first. Its errors, and those
	// of the reader, are a *[SourceError], or [ErrGone].
	Range(ctx context.Context, offset, length int64) (io.ReadCloser, error)
}

// Source opens objects. It answers [ErrGone] when the object is not there any more.
type Source interface {
	Open(ctx context.Context, o Object) (File, error)
}

// Sink takes the reports. Putting a key again replaces what was there.
type Sink interface {
	Put(ctx context.Context, key, contentType string, body []byte) error
}

// ErrGone says that the object was removed, or replaced in a bucket without versions, before it was read.
var ErrGone = errors.New("the file was removed or replaced before it could be read")

// SourceError is a failure of the bucket and not of the file; trying again later may help.
type SourceError struct{ Err error }

func (e *SourceError) Error() string { return "read the dropped file: " + e.Err.Error() }

// Unwrap returns the bucket's own error.
func (e *SourceError) Unwrap() error { return e.Err }

// RefusedError says that a file, or a member of an archive, cannot be used as it is. Reason is a sentence for the
// report, where it may hold what the file holds; Error leaves it out, because errors are logged.
type RefusedError struct{ Reason string }

func (e *RefusedError) Error() string { return "the file was refused" }

// Handler makes the Lambda function of a queue of dropped files. Each message is an EventBridge event of S3 which the
// rule's input transformer brought into the form of [Object]. An error of process says that the message is to come
// again; because the queue is first in, first out, it is reported failed together with all that follow it. A file
// that is bad is not such an error. A message of any other form is logged and dropped: it would be no better later,
// and would hold up every file behind it.
func Handler(log *slog.Logger, process func(context.Context, Object) error) func(context.Context, events.SQSEvent) (events.SQSEventResponse, error) {
	return func(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
		var answer events.SQSEventResponse
		for i, m := range event.Records {
			if err := handle(ctx, log, m, process); err != nil {
				log.LogAttrs(ctx, levelOf(err), "a dropped file was not finished and comes again",
					slog.String("message", m.MessageId), slog.String("error", obs.Fault(err)))
				for _, left := range event.Records[i:] {
					answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: left.MessageId})
				}
				break
			}
		}
		return answer, nil
	}
}

// levelOf is how an error that ends a run is logged: that its time was over is no fault.
func levelOf(err error) slog.Level {
	if errors.Is(err, ErrOutOfTime) || errors.Is(err, errBusy) {
		return slog.LevelInfo
	}
	return slog.LevelError
}

func handle(ctx context.Context, log *slog.Logger, m events.SQSMessage, process func(context.Context, Object) error) error {
	var o Object
	if err := json.Unmarshal([]byte(m.Body), &o); err != nil || o.Bucket == "" || o.Key == "" {
		log.LogAttrs(ctx, slog.LevelWarn, "a message that names no dropped file was ignored", slog.String("message", m.MessageId))
		return nil
	}
	o.ETag = strings.Trim(o.ETag, `"`)
	if o.ignored() {
		return nil
	}
	return process(ctx, o)
}

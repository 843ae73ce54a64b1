package sisfile

import (
	"fmt"
	"io"
	"strings"
)

// Record is one user record of a file, as it stands there, in UTF-8: an element with its tags, or a row without its
// line break.
type Record struct {
	Line int // on which it begins, from 1
	// Raw is valid until the next record is asked for.
	Raw []byte
}

// RecordError says that one record of a file cannot be used; the records behind it can. Error holds nothing of the
// record, Reason may.
type RecordError struct {
	Line   int    // on which the record begins
	Reason string // a sentence for the report
}

func (e *RecordError) Error() string { return "a record cannot be used" }

// FileError says that a file is no well-formed list of users. Error holds nothing of the file's content, Reason may
// name its elements and columns.
type FileError struct {
	Line   int
	Reason string // for the report: a clause without capital and full stop
}

func (e *FileError) Error() string { return "the file is not well formed" }

// ErrTruncated is the error of a file that ends before it is whole: before the end of its root element, within a cell
// in quotation marks, or in a last row that lacks cells. errors.Is finds [io.ErrUnexpectedEOF] in it too. What stands
// before the end is not to be trusted to be everybody. A CSV file that was cut off exactly behind a row cannot be told
// from a whole one.
var ErrTruncated = fmt.Errorf("the file is truncated: %w", io.ErrUnexpectedEOF)

func tooLarge(line int) error {
	return &RecordError{Line: line, Reason: fmt.Sprintf("The record is larger than %d MB.", maxRecord>>20)}
}

// shown shortens a text of the file for a report.
func shown[T string | []byte](text T) string {
	const longest = 60
	s := strings.ToValidUTF8(string(text[:min(len(text), 8*longest)]), "\uFFFD")
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "..."
	}
	return s
}

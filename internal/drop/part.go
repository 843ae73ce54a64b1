package drop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"

	"patrondesk/internal/job"
)

// The prefixes of what a run leaves in the bucket besides the reports.
const (
	// partsPrefix is where the report lies in parts while its job runs. A lifecycle rule removes them.
	partsPrefix = "parts/"
	// againPrefix is where the rejected records lie, as a file that can be dropped again. Nothing starts from there.
	againPrefix = "rejected/"
)

// maxAgain is how many bytes of rejected records are kept to be dropped again.
const maxAgain = 64 << 20

// part is a part of a report.
type part struct {
	Rejected    []Rejected   `json:"rejected,omitempty"`
	Differences []Difference `json:"differences,omitempty"`
	Raw         [][]byte     `json:"raw,omitempty"` // the rejected records as they stand in the file, in UTF-8
	// LeftOut and Unlisted count the rejected records and the differences beyond those listed.
	LeftOut  int `json:"left_out,omitempty"`
	Unlisted int `json:"unlisted,omitempty"`
	size     int // of Raw
}

func (p *part) empty() bool { return len(p.Rejected)+len(p.Differences)+len(p.Raw) == 0 }

func (p *part) add(more part) {
	p.LeftOut += more.LeftOut
	p.Unlisted += more.Unlisted
	for _, row := range more.Rejected {
		p.reject(row)
	}
	for _, row := range more.Differences {
		p.differ(row)
	}
	for _, raw := range more.Raw {
		p.addRaw(raw)
	}
}

func (p *part) reject(row Rejected) {
	if len(p.Rejected) == maxRows {
		p.LeftOut++
		return
	}
	p.Rejected = append(p.Rejected, row)
}

func (p *part) differ(row Difference) {
	if len(p.Differences) == maxRows {
		p.Unlisted++
		return
	}
	p.Differences = append(p.Differences, row)
}

func (p *part) addRaw(raw []byte) {
	if p.size+len(raw) <= maxAgain {
		p.Raw = append(p.Raw, raw)
		p.size += len(raw)
	}
}

func partKey(id string, n int) string { return fmt.Sprintf("%s%s/%06d.json", partsPrefix, id, n) }

// putPart writes the n-th part. A part written by a run that ended before it saved its place is written over.
func (b *Inbox) putPart(ctx context.Context, id string, n int, p part) error {
	body, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("write a part of the report: %w", err)
	}
	if err := b.Sink.Put(ctx, partKey(id, n), "application/json", body); err != nil {
		return fmt.Errorf("write a part of the report: %w", err)
	}
	return nil
}

// parts are the first n parts, as one.
func (b *Inbox) parts(ctx context.Context, bucket, id string, n int) (part, error) {
	var all part
	for i := range n {
		f, err := b.Source.Open(ctx, Object{Bucket: bucket, Key: partKey(id, i)})
		if errors.Is(err, ErrGone) {
			continue // removed by its lifecycle: the job was held for longer than parts are kept
		}
		if err != nil {
			return part{}, fmt.Errorf("read a part of the report: %w", err)
		}
		body, err := readRange(ctx, f, 0, f.Size())
		if err != nil {
			return part{}, fmt.Errorf("read a part of the report: %w", err)
		}
		var p part
		if err := json.Unmarshal(body, &p); err != nil {
			return part{}, fmt.Errorf("read a part of the report: %w", err)
		}
		all.add(p)
	}
	return all, nil
}

// writeReports writes the rejected records and the reports, beside the file, of a job that is about to end.
func (b *Inbox) writeReports(ctx context.Context, j *job.Job, pending part, head, tail []byte) error {
	rows, err := b.parts(ctx, j.Bucket, j.ID, j.Place.Parts)
	if err != nil {
		return err
	}
	rows.add(pending)
	if len(rows.Raw) > 0 && head != nil {
		j.Again = againPrefix + j.List() + "/" + j.ID[:8] + "-" + plainName(j.Key, head)
		if err := b.Sink.Put(ctx, j.Again, "application/octet-stream", again(rows.Raw, head, tail)); err != nil {
			return fmt.Errorf("write the rejected records: %w", err)
		}
	}
	j.Report = reportKey(*j, jsonReport)
	r := newReport(*j, rows)
	body, err := r.json()
	if err != nil {
		return err
	}
	if err := b.Sink.Put(ctx, j.Report, "application/json", body); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := b.Sink.Put(ctx, reportKey(*j, csvReport), "text/csv; charset=utf-8", r.csv()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}

// plainName is the name of the file at key without what says how it is packed, and with what says its format: records
// without a head are JSON lines.
func plainName(key string, head []byte) string {
	name := path.Base(key)
	for _, packed := range []string{".gz", ".tgz", ".tar", ".zip", ".xml", ".csv", ".jsonl", ".ndjson"} {
		name = strings.TrimSuffix(name, packed)
	}
	switch {
	case len(head) == 0:
		return name + ".jsonl"
	case bytes.HasPrefix(head, []byte("<")):
		return name + ".xml"
	}
	return name + ".csv"
}

// again is a file of records, each on a line of its own, between the head and the tail of the one they were in.
func again(records [][]byte, head, tail []byte) []byte {
	var lines [][]byte
	if len(head) > 0 {
		lines = append(lines, bytes.TrimRight(head, "\r\n"))
	}
	lines = append(lines, records...)
	if len(tail) > 0 {
		lines = append(lines, tail)
	}
	return append(bytes.Join(lines, []byte("\n")), '\n')
}

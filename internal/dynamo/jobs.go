package dynamo

import (
	"context"
	"errors"
	"fmt"

	"patrondesk/internal/job"
)

// StartJob stores a new job, with version 1, unless its file was begun before: then it returns that job as it is
// stored, with fresh false. So a file announced twice is worked on once.
func (s *Store) StartJob(ctx context.Context, j job.Job) (stored job.Job, fresh bool, err error) {
	j.Version = 0
	started, err := s.SaveJob(ctx, j)
	if errors.Is(err, job.ErrChanged) {
		stored, err := s.Job(ctx, j.ID)
		return stored, false, err
	}
	return started, err == nil, err
}

// SaveJob stores how far a job is; j has the version it was read with and is returned with the new one. The error is
// job.ErrChanged when the job is no longer as read.
func (s *Store) SaveJob(ctx context.Context, j job.Job) (job.Job, error) {
	token, before := newToken(), j.Version
	j.Version++
	put, err := record(jobKey(j.ID), j, j.Version, token)
	if err != nil {
		return job.Job{}, err
	}
	if err := s.write(ctx, token, asRead(s.tables.Jobs, put, before, job.ErrChanged)); err != nil {
		return job.Job{}, fmt.Errorf("save a job: %w", err)
	}
	return j, nil
}

// Job is the job of that id, or job.ErrNotFound.
func (s *Store) Job(ctx context.Context, id string) (job.Job, error) {
	it, err := s.get(ctx, s.tables.Jobs, jobKey(id))
	if err != nil {
		return job.Job{}, fmt.Errorf("get a job: %w", err)
	}
	if len(it) == 0 {
		return job.Job{}, job.ErrNotFound
	}
	j, err := decode[job.Job](it)
	j.Version = it.number(aVersion)
	return j, err
}

// Latest is the newest file of a profile that was applied; the zero value where none was.
func (s *Store) Latest(ctx context.Context, profile string) (job.Latest, error) {
	it, err := s.get(ctx, s.tables.Jobs, latestKey(profile))
	if err != nil {
		return job.Latest{}, fmt.Errorf("get the latest file: %w", err)
	}
	if len(it) == 0 {
		return job.Latest{}, nil
	}
	l, err := decode[job.Latest](it)
	l.Version = it.number(aVersion)
	return l, err
}

// SaveLatest stores the newest file of a profile over the one that was read, and returns it with its version. The
// error is job.ErrChanged when that is no longer as read.
func (s *Store) SaveLatest(ctx context.Context, profile string, l job.Latest) (job.Latest, error) {
	token, before := newToken(), l.Version
	l.Version++
	put, err := record(latestKey(profile), l, l.Version, token)
	if err != nil {
		return job.Latest{}, err
	}
	if err := s.write(ctx, token, asRead(s.tables.Jobs, put, before, job.ErrChanged)); err != nil {
		return job.Latest{}, fmt.Errorf("save the latest file: %w", err)
	}
	return l, nil
}

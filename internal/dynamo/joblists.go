package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"patrondesk/internal/job"
)

const (
	// jobsListed is how many jobs the list of a profile keeps.
	jobsListed = 200
	// enterTries is how often a job is entered into a list that others write meanwhile.
	enterTries = 8
)

// jobList is the record of a profile's jobs.
type jobList struct {
	Recent []job.Summary `json:"recent"` // the newest first
}

// EnterJob puts a job into the list of its profile or, for jobs without one, of its kind; once, however often it is
// called. The list keeps the 200 that were started last. The error is job.ErrChanged when others keep changing the
// list.
func (s *Store) EnterJob(ctx context.Context, list string, entry job.Summary) error {
	for attempt := 1; ; attempt++ {
		old, version, err := s.jobList(ctx, list)
		if err != nil {
			return err
		}
		recent, changed := entered(old.Recent, entry)
		if !changed {
			return nil
		}
		token := newToken()
		put, err := record(jobListKey(list), jobList{Recent: recent}, version+1, token)
		if err != nil {
			return err
		}
		err = s.write(ctx, token, asRead(s.tables.Jobs, put, version, job.ErrChanged))
		if err == nil {
			return nil
		}
		if !errors.Is(err, job.ErrChanged) || attempt == enterTries {
			return fmt.Errorf("enter a job into its list: %w", err)
		}
		if err := pause(ctx, backoff(attempt)); err != nil {
			return fmt.Errorf("enter a job into its list: %w", err)
		}
	}
}

// entered is the list with the entry in its place; changed is false when it is there already, or too old to be kept.
func entered(recent []job.Summary, entry job.Summary) (list []job.Summary, changed bool) {
	if slices.ContainsFunc(recent, func(s job.Summary) bool { return s.ID == entry.ID }) {
		return recent, false
	}
	list = append(slices.Clone(recent), entry)
	slices.SortStableFunc(list, func(a, b job.Summary) int {
		if byTime := b.Started.Compare(a.Started); byTime != 0 {
			return byTime
		}
		return strings.Compare(a.ID, b.ID)
	})
	if len(list) > jobsListed {
		changed = list[jobsListed].ID != entry.ID
		return list[:jobsListed], changed
	}
	return list, true
}

// Jobs are the jobs of a profile, or of a kind, that its list keeps: the 200 last ones, the newest first. A list nobody
// entered anything into is empty.
func (s *Store) Jobs(ctx context.Context, list string) ([]job.Summary, error) {
	l, _, err := s.jobList(ctx, list)
	return l.Recent, err
}

func (s *Store) jobList(ctx context.Context, list string) (jobList, int64, error) {
	it, err := s.get(ctx, s.tables.Jobs, jobListKey(list))
	if err != nil {
		return jobList{}, 0, fmt.Errorf("list jobs: %w", err)
	}
	if len(it) == 0 {
		return jobList{}, 0, nil
	}
	l, err := decode[jobList](it)
	return l, it.number(aVersion), err
}

// JobsByID are the jobs of those ids, in the order of the ids; one that does not exist is left out.
func (s *Store) JobsByID(ctx context.Context, ids []string) ([]job.Job, error) {
	seen := make(map[string]job.Job, len(ids))
	var keys []item
	for _, id := range ids {
		if _, twice := seen[id]; !twice {
			seen[id] = job.Job{}
			keys = append(keys, jobKey(id))
		}
	}
	found, err := s.batchGet(ctx, byTable{s.tables.Jobs: keys})
	if err != nil {
		return nil, fmt.Errorf("get jobs: %w", err)
	}
	for _, it := range found[s.tables.Jobs] {
		j, err := decode[job.Job](it)
		if err != nil {
			return nil, err
		}
		j.Version = it.number(aVersion)
		seen[j.ID] = j
	}
	var all []job.Job
	for _, id := range ids {
		if j := seen[id]; j.ID != "" {
			all = append(all, j)
		}
	}
	return all, nil
}

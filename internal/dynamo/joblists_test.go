package dynamo_test

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/job"
)

// entry is the n-th job, n minutes after noon.
func entry(n int) job.Summary {
	return job.Summary{ID: fmt.Sprintf("%032x", n), Key: fmt.Sprintf("sis/CAMPUS/users-%d.xml", n), Started: noon.Add(time.Duration(n) * time.Minute)}
}

func TestJobListsAreInOrderAndHoldEachJobOnce(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	if got, err := s.Jobs(t.Context(), "CAMPUS"); err != nil || len(got) != 0 {
		t.Errorf("before the first job: got %+v, %v", got, err)
	}
	for _, n := range []int{2, 1, 3, 2, 3} { // late and repeated events
		must(t, s.EnterJob(t.Context(), "CAMPUS", entry(n)))
	}
	must(t, s.EnterJob(t.Context(), "items", entry(9)))
	got, err := s.Jobs(t.Context(), "CAMPUS")
	if want := []job.Summary{entry(3), entry(2), entry(1)}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if got, err := s.Jobs(t.Context(), "items"); err != nil || len(got) != 1 {
		t.Errorf("of items: got %+v, %v; want one", got, err)
	}
}

func TestJobListsKeepTheLast200(t *testing.T) {
	t.Parallel()
	rec := dynamotest.Record()
	s := dynamotest.Store(t, rec)
	for n := range 203 {
		must(t, s.EnterJob(t.Context(), "CAMPUS", entry(n+1)))
	}
	got, err := s.Jobs(t.Context(), "CAMPUS")
	if err != nil || len(got) != 200 || got[0] != entry(203) || got[199] != entry(4) {
		t.Errorf("got %d jobs, %v; want 200, from the 203rd to the 4th", len(got), err)
	}
	rec.Take()
	must(t, s.EnterJob(t.Context(), "CAMPUS", entry(0)))
	if calls := rec.Take().Calls; calls["PutItem"] != 0 {
		t.Errorf("a job too old for the list was written: %v", calls)
	}
}

// TestManyEnterAtOnce holds that a list loses nobody when jobs of one profile start together.
func TestManyEnterAtOnce(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	var done sync.WaitGroup
	for n := range 4 {
		done.Go(func() {
			for range 2 {
				if err := s.EnterJob(t.Context(), "CAMPUS", entry(n)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done.Wait()
	if got, err := s.Jobs(t.Context(), "CAMPUS"); err != nil || len(got) != 4 {
		t.Errorf("got %+v, %v; want all 4", got, err)
	}
}

func TestJobsByID(t *testing.T) {
	t.Parallel()
	s := dynamotest.Store(t)
	var want []job.Job
	for _, id := range []string{"0a", "0b", "0c"} {
		j, _, err := s.StartJob(t.Context(), job.Job{ID: id, Kind: "sis", Profile: "CAMPUS", State: job.Running, Started: noon})
		must(t, err)
		want = append([]job.Job{j}, want...)
	}
	got, err := s.JobsByID(t.Context(), []string{"0c", "00", "0b", "0a"})
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
	if got, err := s.JobsByID(t.Context(), []string{"0a", "0a"}); err != nil || len(got) != 2 {
		t.Errorf("the same twice: got %+v, %v", got, err)
	}
	if got, err := s.JobsByID(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("none: got %+v, %v", got, err)
	}
}

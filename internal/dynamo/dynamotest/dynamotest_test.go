package dynamotest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/job"
)

func TestStoresDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	a, b := dynamotest.Store(t), dynamotest.Store(t)
	if _, _, err := a.StartJob(t.Context(), job.Job{ID: "0f"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Job(t.Context(), "0f"); !errors.Is(err, job.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestSequenceHitsAttemptsInOrder(t *testing.T) {
	t.Parallel()
	rec := dynamotest.Record()
	s := dynamotest.Store(t, rec, dynamotest.Sequence("PutItem", dynamotest.None, dynamotest.Throttled, dynamotest.LostAnswer))
	for _, test := range []struct {
		id       string
		attempts int
	}{{"01", 1}, {"02", 3}, {"03", 1}} {
		if _, fresh, err := s.StartJob(t.Context(), job.Job{ID: test.id}); err != nil || !fresh {
			t.Errorf("job %s: got fresh %v, %v", test.id, fresh, err)
		}
		used := rec.Take()
		if used.Calls["PutItem"] != 1 || used.Attempts != test.attempts {
			t.Errorf("job %s: got %+v, want one call and %d attempts", test.id, used, test.attempts)
		}
	}
}

func TestChanceIsRepeatable(t *testing.T) {
	t.Parallel()
	attempts := func() int {
		rec := dynamotest.Record()
		s := dynamotest.Store(t, rec, dynamotest.Chance("GetItem", 0.5, 7, dynamotest.ServerError, dynamotest.LostRequest))
		for range 20 {
			_, _ = s.Job(t.Context(), "0f")
		}
		return rec.Take().Attempts
	}
	if first, second := attempts(), attempts(); first != second || first == 20 {
		t.Errorf("got %d and %d attempts, want the same and more than 20", first, second)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	when := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tables := dynamotest.Tables(t)
	s := dynamotest.Open(t, tables, dynamotest.Clock(func() time.Time { return when }))
	if _, _, err := s.StartJob(t.Context(), job.Job{ID: "0f"}); err != nil {
		t.Fatal(err)
	}
	out, err := dynamotest.Client(t).Scan(t.Context(), &dynamodb.ScanInput{TableName: &tables.Jobs})
	if err != nil || out.Count != 1 {
		t.Errorf("got %+v, %v; want one item", out, err)
	}
}

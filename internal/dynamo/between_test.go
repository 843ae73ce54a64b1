package dynamo_test

import (
	"context"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/patron"
)

// meddled is a store in which something happens once, before the nth call that gets items by their keys.
func meddled(t *testing.T, tables dynamo.Tables, nth int, happens func()) *dynamo.Store {
	return before(t, tables, gets, func() {
		if nth--; nth == 0 {
			happens()
		}
	})
}

// gets are the operations that get items by their keys.
var gets = []string{"GetItem", "BatchGetItem"}

// before is a store in which something happens before each call of those operations.
func before(t *testing.T, tables dynamo.Tables, operations []string, happens func()) *dynamo.Store {
	var mu sync.Mutex
	options := dynamotest.Client(t).Options()
	options.APIOptions = append(options.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Meddle", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			if slices.Contains(operations, middleware.GetOperationName(ctx)) {
				mu.Lock()
				happens()
				mu.Unlock()
			}
			return next.HandleInitialize(ctx, in)
		}), middleware.After)
	})
	return dynamo.New(dynamodb.New(options), tables, time.Now)
}

func TestPatronChangedBetweenTheTwoReads(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		happens func(t *testing.T, s *dynamo.Store, a, b patron.Patron)
		want    string // UID
	}{
		"the barcode goes to somebody else": {func(t *testing.T, s *dynamo.Store, a, b patron.Patron) {
			next := a
			next.Identifiers = nil
			_, err := s.ReplacePatron(t.Context(), a, next)
			must(t, err)
			next = b
			next.Identifiers = a.Identifiers
			_, err = s.ReplacePatron(t.Context(), b, next)
			must(t, err)
		}, uid(2)},
		"the patron is deleted": {func(t *testing.T, s *dynamo.Store, a, _ patron.Patron) {
			a, err := s.MarkDeleting(t.Context(), a)
			must(t, err)
			must(t, s.DeletePatron(t.Context(), a))
		}, ""},
		"the barcode is taken away": {func(t *testing.T, s *dynamo.Store, a, _ patron.Patron) {
			next := a
			next.Identifiers = nil
			_, err := s.ReplacePatron(t.Context(), a, next)
			must(t, err)
		}, ""},
		"an address is edited": {func(t *testing.T, s *dynamo.Store, a, _ patron.Patron) {
			next := a
			next.Addresses = nil
			_, err := s.ReplacePatron(t.Context(), a, next)
			must(t, err)
		}, uid(1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tables := dynamotest.Tables(t)
			s := dynamotest.Open(t, tables)
			a, b := create(t, s, person(1)), create(t, s, person(2))
			got, err := meddled(t, tables, 2, func() { test.happens(t, s, a, b) }).Patron(t.Context(), "B00000001")
			if test.want == "" {
				wantErr(t, err, patron.ErrNotFound)
				return
			}
			stored, _ := s.PatronByUID(t.Context(), test.want)
			if err != nil || !reflect.DeepEqual(got, stored) {
				t.Errorf("got %+v, %v; want %+v", got, err, stored)
			}
		})
	}
}

func TestBarcodeMovedBetweenTheTwoReads(t *testing.T) {
	t.Parallel()
	tables := dynamotest.Tables(t)
	s := dynamotest.Open(t, tables)
	_, _, err := s.SaveItem(t.Context(), volume(1, "991"))
	must(t, err)
	want := volume(2, "991")
	want.Barcode = volume(1, "").Barcode
	got, err := meddled(t, tables, 2, func() {
		old := volume(1, "991")
		old.Barcode = "K777"
		_, _, err := s.SaveItem(t.Context(), old)
		must(t, err)
		_, _, err = s.SaveItem(t.Context(), want)
		must(t, err)
	}).ItemByBarcode(t.Context(), want.Barcode)
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}

package dynamo_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/dynamotest"
	"patrondesk/internal/patron"
)

// TestIdentifiersAlwaysMatchPatrons makes random sequences of writes, by a caller who is at times out of date, and
// asks after each sequence that every identifier item points to a patron who has the identifier, and the other way
// round; and that an error stands for no change.
func TestIdentifiersAlwaysMatchPatrons(t *testing.T) {
	t.Parallel()
	client := dynamotest.Client(t)
	tables := dynamotest.Tables(t)
	s := dynamotest.Open(t, tables)
	round := 0
	rapid.Check(t, func(rt *rapid.T) {
		round++
		people := map[string]patron.Patron{} // as last read, which is as stored
		values := rapid.SampledFrom([]string{"a", "A", "b", "c", "d", "é", "e\u0301", "ß", "SS"})
		drawn := func() patron.Patron {
			p := patron.Patron{PrimaryID: inRound(round, values.Draw(rt, "primary"))}
			for range rapid.IntRange(0, 3).Draw(rt, "others") {
				kind := rapid.SampledFrom([]string{"BARCODE", "INST_ID"}).Draw(rt, "type")
				p.Identifiers = append(p.Identifiers, identifier(kind, inRound(round, values.Draw(rt, "value"))))
			}
			return p
		}
		for step := range rapid.IntRange(1, 8).Draw(rt, "steps") {
			uids := slices.Sorted(maps.Keys(people))
			action := rapid.SampledFrom([]string{"create", "replace", "replace", "stale", "delete"}).Draw(rt, "action")
			if len(uids) == 0 {
				action = "create"
			}
			p := drawn()
			var err error
			switch action {
			case "create":
				p.UID = fmt.Sprintf("R%dP%d", round, step)
				p, err = s.CreatePatron(t.Context(), p)
			case "replace", "stale":
				old := people[rapid.SampledFrom(uids).Draw(rt, "uid")]
				p.UID = old.UID
				if action == "stale" {
					old.Version--
				}
				p, err = s.ReplacePatron(t.Context(), old, p)
			case "delete":
				p = people[rapid.SampledFrom(uids).Draw(rt, "uid")]
				if p, err = s.MarkDeleting(t.Context(), p); err == nil {
					err = s.DeletePatron(t.Context(), p)
				}
			}
			var taken *patron.TakenError
			switch {
			case err == nil && action == "delete":
				delete(people, p.UID)
			case err == nil && action != "stale":
				people[p.UID] = p
			case errors.As(err, &taken) && action != "delete":
			case errors.Is(err, patron.ErrChanged) && action == "stale":
			default:
				rt.Fatalf("%s: %v", action, err)
			}
		}
		checkIdentifiers(rt, t, s, client, tables, round, people)
	})
}

// inRound is a value of one round, so that rounds do not mix in the table.
func inRound(round int, value string) string { return fmt.Sprintf("%06d-%s", round, value) }

// checkIdentifiers compares what is stored of one round with people.
func checkIdentifiers(rt *rapid.T, t *testing.T, s *dynamo.Store, client *dynamodb.Client, tables dynamo.Tables, round int, people map[string]patron.Patron) {
	want := map[string]string{}
	for uid, p := range people {
		for _, id := range p.AllIdentifiers() {
			want["I#"+patron.Fold(id.Value)] = uid + " " + id.Type.Value
		}
		stored, err := s.PatronByUID(t.Context(), uid)
		if err != nil || stored.Version != p.Version {
			rt.Fatalf("got patron %+v, %v; want %+v", stored, err, p)
		}
	}
	got := map[string]string{}
	for _, it := range scan(t, client, tables.Users) {
		if strings.HasPrefix(it["pk"], "I#"+inRound(round, "")) {
			got[it["pk"]] = it["uid"] + " " + it["type"]
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		rt.Fatalf("got identifiers %v, want %v", got, want)
	}
}

// scan is every item of a table with its attributes as text.
func scan(t *testing.T, client *dynamodb.Client, table string) []map[string]string {
	t.Helper()
	var all []map[string]string
	for pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &table}); pages.HasMorePages(); {
		out, err := pages.NextPage(t.Context())
		must(t, err)
		for _, stored := range out.Items {
			it := map[string]string{}
			for name, v := range stored {
				it[name] = plain(v)
			}
			all = append(all, it)
		}
	}
	return all
}

// plain is an attribute as text.
func plain(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	case *types.AttributeValueMemberBOOL:
		return fmt.Sprint(v.Value)
	case *types.AttributeValueMemberL:
		var all []string
		for _, e := range v.Value {
			all = append(all, plain(e))
		}
		return fmt.Sprintf("%q", all)
	}
	return fmt.Sprintf("%T", v)
}

package letter

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"patrondesk/internal/language"
)

// almaLabels are the labels the original letters name (FulRequestsReportLetter.xsl, FulCancelRequestLetter.xsl,
// FulUserBorrowingActivityLetter.xsl), but for addressFrom, Bcc and Cc, which are settings here, and for description and
// library, which need no word beside the title and above the table.
var almaLabels = map[string][]string{
	RequestsReportCode: {
		"letterName", "subject", "dear", "please_find_below", "not_active", "not_active_description", "in_process",
		"in_process_description", "on_hold_shelf", "on_hold_shelf_description", "type", "title", "author",
		"place_in_queue", "status", "pickup_location",
	},
	RequestCancelledCode: {
		"letterName", "subject", "dear", "we_cancel_y_req_of", "detailed_below", "reason_deleting_request",
		"request_cancellation_note", "title", "author", "sincerely", "department",
	},
	BorrowingActivityCode: {
		"letterName", "subject", "subject_with_overdue", "dear", "reminder_message", "overdue_loans", "loans", "title", "author",
		"due_date", "fine", "debt_message", "total", "please_pay_message", "sincerely", "department",
	},
}

func TestEveryLanguageHasEveryLabel(t *testing.T) {
	want, ok := readLabels(language.English)
	if !ok {
		t.Fatal("no English labels")
	}
	files, err := labelFiles.ReadDir("labels")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(language.Shipped()) {
		t.Errorf("%d label files for the languages %v", len(files), language.Shipped())
	}
	for _, lang := range language.Shipped() {
		got, ok := readLabels(lang)
		if !ok {
			t.Fatalf("no labels in %s", lang)
		}
		sameLabels(t, lang, got, want)
		for code, names := range almaLabels {
			for _, name := range names {
				if _, ok := labelsFor(code, lang).find(name); !ok {
					t.Errorf("%s: %s lacks Alma's label %s", lang, code, name)
				}
			}
		}
	}
}

// sameLabels compares the codes of two label files, and the placeholders of each text.
func sameLabels(t *testing.T, lang string, got, want map[string]map[string]string) {
	t.Helper()
	for part, texts := range want {
		if a, b := codes(got[part]), codes(texts); !slices.Equal(a, b) {
			t.Errorf("%s: labels of %s are %v, want %v", lang, part, a, b)
		}
		for code, text := range texts {
			for _, mark := range []string{"{name}", "{date}", "{count}", "{of}", "{share}", "{limit}", "{amount}"} {
				if strings.Contains(text, mark) != strings.Contains(got[part][code], mark) {
					t.Errorf("%s: %s of %s and its English text differ in %s", lang, code, part, mark)
				}
			}
			if strings.TrimSpace(got[part][code]) == "" {
				t.Errorf("%s: %s of %s is empty", lang, code, part)
			}
		}
	}
	if len(got) != len(want) {
		t.Errorf("%s has the parts %v", lang, slices.Sorted(maps.Keys(got)))
	}
}

func codes(texts map[string]string) []string { return slices.Sorted(maps.Keys(texts)) }

func TestClean(t *testing.T) {
	tests := []struct{ in, want string }{
		{"plain", "plain"},
		{"  two\r\nlines\t ", "two lines"},
		{"a\x00b\u0085c", "a b c"},
		{"\u202egnp.exe\u2069", "gnp.exe"},
		{"bad\xffbyte", "bad\ufffdbyte"},
		{"می‌خواهم", "می‌خواهم"}, // the zero width non-joiner stays
		{"12345678901", "123456789…"},
	}
	for _, tt := range tests {
		if got := clean(tt.in, 10); got != tt.want {
			t.Errorf("clean(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

package deployment

import (
	"slices"
	"strings"
	"testing"
)

func TestOrigins(t *testing.T) {
	for _, tt := range []struct {
		list string
		want []string
		ok   bool
	}{
		{"", nil, true},
		{" , ", nil, true},
		{"*", []string{"*"}, true},
		{"https://a.example", []string{"https://a.example"}, true},
		{"https://a.example,http://localhost:5173,https://[::1]:8443", []string{"https://a.example", "http://localhost:5173", "https://[::1]:8443"}, true},
		{"https://a.example, http://localhost:5173", []string{"https://a.example", "http://localhost:5173"}, true},
		{"*,https://a.example", nil, false},
		{"https://a.example,*", nil, false},
		{"*,*", nil, false},
		{"a.example", nil, false},
		{"https://a.example/", nil, false},
		{"https://a.example/desk", nil, false},
		{"HTTPS://a.example", nil, false},
		{"https://A.example", nil, false},
		{"https://", nil, false},
		{"https://u@a.example", nil, false},
		{"ftp://a.example", nil, false},
		{"null", nil, false},
		{"https://a.example http://localhost:5173", nil, false},
		{"https://a.example:", nil, false},
		{"https://a.example,%", nil, false},
	} {
		got, err := Origins(tt.list)
		if !slices.Equal(got, tt.want) || (err == nil) != tt.ok {
			t.Errorf("Origins(%q) = %q, %v; want %q", tt.list, got, err, tt.want)
		}
	}
}

func FuzzOrigins(f *testing.F) {
	f.Add("https://a.example,http://localhost:5173")
	f.Fuzz(func(t *testing.T, list string) {
		origins, err := Origins(list)
		again, againErr := Origins(strings.Join(origins, ","))
		if err == nil && (againErr != nil || !slices.Equal(again, origins)) {
			t.Errorf("Origins(%q) = %q, and of that %q, %v", list, origins, again, againErr)
		}
	})
}

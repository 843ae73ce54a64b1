package clock

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Reading is what a clock tells over HTTP.
type Reading struct {
	Now   time.Time     `json:"now"`
	Ahead time.Duration `json:"ahead"` // of the machine's clock, in nanoseconds
}

// Handler tells the time, and with the method PUT and advance=22d or reset=1 sets the clock before. No page a browser
// shows can do that, because it would have to ask whether it may.
func (c *Clock) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			if err := c.change(r.FormValue("advance"), r.FormValue("reset") != ""); err != nil {
				http.Error(w, err.Error(), http.StatusBadRequest)
				return
			}
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(Reading{Now: c.Now(), Ahead: c.Ahead()}) // a client that is gone needs no answer
	})
}

func (c *Clock) change(advance string, reset bool) error {
	if reset {
		return c.Reset()
	}
	by, err := ParseWhile(advance)
	if err != nil {
		return err
	}
	return c.Advance(by)
}

// ParseWhile reads a while such as 22d, 36h or 1d12h30m.
func ParseWhile(text string) (time.Duration, error) {
	days, rest, found := strings.Cut(text, "d")
	if !found {
		days, rest = "0", text
	}
	n, err := strconv.ParseUint(days, 10, 16)
	if err != nil {
		return 0, fmt.Errorf("%q is no while; give one such as 22d, 36h or 1d12h", text)
	}
	while := time.Duration(n) * 24 * time.Hour
	if rest == "" && found {
		return while, nil
	}
	more, err := time.ParseDuration(rest)
	if err != nil {
		return 0, fmt.Errorf("%q is no while; give one such as 22d, 36h or 1d12h", text)
	}
	return while + more, nil
}

// Words says a while in days and hours, for people: "22 days", "1 day and 12 hours".
func Words(while time.Duration) string {
	count := func(n int, one string) string {
		if n == 1 {
			return "1 " + one
		}
		return strconv.Itoa(n) + " " + one + "s"
	}
	days, hours, minutes := int(while.Hours())/24, int(while.Hours())%24, int(while.Minutes())%60
	var parts []string
	for _, part := range []struct {
		n    int
		name string
	}{{days, "day"}, {hours, "hour"}, {minutes, "minute"}} {
		if part.n > 0 {
			parts = append(parts, count(part.n, part.name))
		}
	}
	if len(parts) == 0 {
		return "less than a minute"
	}
	return strings.Join(parts, " and ")
}

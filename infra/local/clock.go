package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"patrondesk/infra/local/clock"
	"patrondesk/internal/institution"
)

// clockPath is where the local run tells the library's time, beside the API; no route of the product begins so.
const clockPath = "/clock"

// withClock serves the clock beside the API.
func withClock(c *clock.Clock, api http.Handler) http.Handler {
	set := c.Handler()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == clockPath {
			set.ServeHTTP(w, r)
			return
		}
		api.ServeHTTP(w, r)
	})
}

// clockCommand tells the time of the library in the local run, and puts its clock forward or sets it right before.
func clockCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("clock", flag.ContinueOnError)
	advance := flags.String("advance", "", "how far the clock is put forward, such as 22d")
	reset := flags.Bool("reset", false, "set the clock right again")
	dir := flags.String("dir", "", "directory of the data (default .local in the repository)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := readSettings(os.Getenv, "", *dir)
	if err != nil {
		return err
	}
	env, err := readEnvironment(envFile(s.Dir))
	if err != nil {
		return err
	}
	inst, err := institution.Read(filepath.Join(s.Root, "infra", "institution.json"))
	if err != nil {
		return err
	}
	told, err := callClock(ctx, firstOf(os.Getenv("CLOCK_URL"), env["CLOCK_URL"]), *advance, *reset)
	if err != nil {
		return err
	}
	fmt.Println(timeTold(told, inst.TimeZone))
	return nil
}

// callClock sets the clock at the address, if it is to be set, and reads it.
func callClock(ctx context.Context, at, advance string, reset bool) (clock.Reading, error) {
	if at == "" {
		return clock.Reading{}, errors.New(`the local run alone has a clock: start it with "make run"`)
	}
	method, query := http.MethodGet, url.Values{}
	if advance != "" {
		method = http.MethodPut
		query.Set("advance", advance)
	}
	if reset {
		method = http.MethodPut
		query.Set("reset", "1")
	}
	r, err := http.NewRequestWithContext(ctx, method, at+"?"+query.Encode(), nil)
	if err != nil {
		return clock.Reading{}, fmt.Errorf("ask the clock: %w", err)
	}
	res, err := (&http.Client{Timeout: 10 * time.Second}).Do(r)
	if err != nil {
		return clock.Reading{}, fmt.Errorf("ask the clock (is the product running?): %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		why, _ := io.ReadAll(io.LimitReader(res.Body, 1000)) // what cannot be read is told by its status alone
		return clock.Reading{}, fmt.Errorf("the clock was not set: %s", strings.TrimSpace(string(why)))
	}
	var told clock.Reading
	if err := json.NewDecoder(res.Body).Decode(&told); err != nil {
		return clock.Reading{}, fmt.Errorf("ask the clock: %w", err)
	}
	return told, nil
}

// timeTold is the time on the library's clocks in a sentence.
func timeTold(r clock.Reading, zone string) string {
	now := r.Now
	if location, err := time.LoadLocation(zone); err == nil {
		now = now.In(location)
	}
	text := "It is " + now.Format("Monday, 2 January 2006, 15:04 MST") + ", in the library"
	if r.Ahead == 0 {
		return text + "."
	}
	return text + ": " + clock.Words(r.Ahead) + " ahead of this machine."
}

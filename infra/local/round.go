package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"patrondesk/functions"
)

// roundCommand begins the round of a function now, by an object such as staff may drop at any time, and follows it. The
// scheduler of a deployment begins rounds without an object; see deployment.RoundMessage.
func roundCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("round", flag.ContinueOnError)
	name := flags.String("name", "", "the function whose round is made")
	dir := flags.String("dir", "", "directory of the local run's data (default .local in the repository)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	f, _ := functions.Named(*name)
	if f.Round == nil {
		return errors.New("say which round to make: make round NAME=" + strings.Join(roundNames(), " or NAME="))
	}
	i, err := newImport(ctx, *dir)
	if err != nil {
		return err
	}
	now, err := timeOfRound(ctx, *dir)
	if err != nil {
		return err
	}
	return i.run(ctx, strings.NewReader("{}"), f.Round.Folder+now.UTC().Format(time.RFC3339), os.Stdout)
}

// roundNames are the functions that make rounds.
func roundNames() []string {
	var names []string
	for _, f := range functions.All {
		if f.Round != nil {
			names = append(names, f.Name)
		}
	}
	return names
}

// timeOfRound is the library's time: of the local run, or where the environment names a deployment that of this machine.
func timeOfRound(ctx context.Context, dir string) (time.Time, error) {
	s, err := readSettings(os.Getenv, "", dir)
	if err != nil {
		return time.Time{}, err
	}
	env, err := readEnvironment(envFile(s.Dir))
	if err != nil {
		return time.Time{}, err
	}
	at := os.Getenv("CLOCK_URL")
	if os.Getenv("SIS_BUCKET") == "" {
		at = firstOf(at, env["CLOCK_URL"])
	}
	if at == "" {
		return time.Now(), nil
	}
	told, err := callClock(ctx, at, "", false)
	if err != nil {
		return time.Time{}, fmt.Errorf("name the round: %w", err)
	}
	return told.Now, nil
}

// Command local runs the whole product on this machine: the same handlers as on AWS, behind stand-ins for API Gateway,
// Lambda, DynamoDB, S3, SES and the sign-in, with a demo library in it. Everything listens on loopback only.
//
//	go run ./local [-addr 127.0.0.1:8080] [-dir DIR] [-reset]
//	go run ./local import -file FILE [-profile REGISTRAR] [-items] [-dry]
//	go run ./local round -name hold-shelf
//	go run ./local clock [-advance 22d] [-reset]
//	go run ./local release -job ID
//	go run ./local jobs [-profile REGISTRAR]
//	go run ./local reset
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"patrondesk/infra/local/process"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := command(ctx, os.Args[1:])
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "local: "+err.Error())
		os.Exit(1)
	}
}

// command carries out what the command line asks for.
func command(ctx context.Context, args []string) error {
	name := ""
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	switch name {
	case "":
		return runCommand(ctx, args)
	case "reset":
		return resetCommand(args)
	case "import":
		return importCommand(ctx, args)
	case "round":
		return roundCommand(ctx, args)
	case "clock":
		return clockCommand(ctx, args)
	case "release":
		return releaseCommand(ctx, args)
	case "jobs":
		return jobsCommand(ctx, args)
	case objectsCommand:
		ctx, stop := context.WithCancel(ctx)
		process.OnOrphaned(stop)
		return serveObjects(ctx)
	default:
		return fmt.Errorf("there is no command %q; there are import, round, clock, release, jobs and reset, and without one the product is run", name)
	}
}

func runCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("local", flag.ContinueOnError)
	addr := flags.String("addr", "", "address of the API, on loopback (default 127.0.0.1:$API_PORT)")
	dir := flags.String("dir", "", "directory of the data (default .local in the repository)")
	reset := flags.Bool("reset", false, "forget all data first")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := readSettings(os.Getenv, *addr, *dir)
	if err != nil {
		return err
	}
	if *reset {
		if err := forget(s.Dir); err != nil {
			return err
		}
	}
	return run(ctx, s, os.Stdout)
}

func resetCommand(args []string) error {
	flags := flag.NewFlagSet("reset", flag.ContinueOnError)
	dir := flags.String("dir", "", "directory of the data (default .local in the repository)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := readSettings(os.Getenv, "", *dir)
	if err != nil {
		return err
	}
	return forget(s.Dir)
}

// forget removes the data, unless a run is using it.
func forget(dir string) error {
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	unlock, err := process.Lock(lockFile(dir))
	if err != nil {
		return fmt.Errorf("forget the data: %w", err)
	}
	defer unlock()
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("forget the data: %w", err)
	}
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"patrondesk/infra/local/objects"
	"patrondesk/infra/local/process"
	"patrondesk/internal/dynamo/embedded"
)

// accessKey and secretKey are what the engines here take.
const (
	accessKey = "patrondesk"
	secretKey = "patrondesk"
)

// startLimit is how long an engine may take to be ready.
const startLimit = 30 * time.Second

// engines are the stand-ins that run as processes of their own.
type engines struct {
	dynamodb         *embedded.Engine
	objects, mailbox *process.Child // nil where the environment names another engine
}

// start starts all engines at once and waits until they are ready.
func start(ctx context.Context, s settings) (*engines, error) {
	e := new(engines)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) { e.mailbox, err = startMailbox(s); return err })
	group.Go(func() (err error) { e.objects, err = startObjects(s); return err })
	group.Go(func() (err error) { e.dynamodb, err = startDynamoDB(ctx, s); return err })
	if err := group.Wait(); err != nil {
		return nil, errors.Join(err, e.stop())
	}
	return e, nil
}

// stop ends the engines that were started.
func (e *engines) stop() error {
	for _, child := range []*process.Child{e.objects, e.mailbox} {
		if child != nil {
			child.Stop(5 * time.Second)
		}
	}
	if e.dynamodb == nil {
		return nil
	}
	if err := e.dynamodb.Stop(); err != nil {
		return fmt.Errorf("stop DynamoDB: %w", err)
	}
	return nil
}

// failed reports the first engine that ends by itself.
func (e *engines) failed(ctx context.Context) <-chan error {
	failed := make(chan error, 3)
	watch := func(name string, ended <-chan struct{}) {
		select {
		case <-ended:
			if ctx.Err() == nil {
				failed <- fmt.Errorf("the %s ended by itself", name)
			}
		case <-ctx.Done():
		}
	}
	go watch("DynamoDB engine", e.dynamodb.Ended())
	if e.objects != nil {
		go watch("S3 drop", e.objects.Done())
	}
	if e.mailbox != nil {
		go watch("mailbox", e.mailbox.Done())
	}
	return failed
}

func startDynamoDB(ctx context.Context, s settings) (*embedded.Engine, error) {
	if !s.OwnDynamoDB {
		return &embedded.Engine{Endpoint: s.dynamodbURL()}, nil
	}
	if err := os.Unsetenv(embedded.EndpointSetting); err != nil { // where it names this very engine; see settings.own
		return nil, fmt.Errorf("start DynamoDB: %w", err)
	}
	return embedded.Start(ctx, embedded.Settings{Port: s.DynamoDB, File: filepath.Join(s.Dir, "dynamo.db")})
}

func startMailbox(s settings) (*process.Child, error) {
	if !s.OwnMailbox {
		return nil, nil
	}
	script := filepath.Join(s.Root, "infra", "local", "node_modules", "aws-ses-v2-local", "dist", "cli.js")
	if _, err := os.Stat(script); err != nil {
		return nil, errors.New(`the mailbox is not installed: run "npm ci --prefix infra/local" in the repository`)
	}
	node, err := exec.LookPath("node")
	if err != nil {
		return nil, errors.New("the mailbox needs Node.js 20 or newer, which was not found")
	}
	child, err := process.Start("mailbox", filepath.Join(s.Dir, "mailbox.log"),
		node, script, "--host", "127.0.0.1", "--port", strconv.Itoa(s.Mailbox))
	if err != nil {
		return nil, err
	}
	return child, child.Ready(s.mailboxURL()+"/health-check", startLimit)
}

// objectsCommand is the command under which this program is its own S3 drop; see package objects.
const objectsCommand = "serve-objects"

// objectsSetting is the environment variable that hands the S3 drop its settings.
const objectsSetting = "PATRONDESK_OBJECTS"

func startObjects(s settings) (*process.Child, error) {
	if !s.OwnS3 {
		return nil, nil
	}
	given, err := json.Marshal(objects.Settings{
		Dir: filepath.Join(s.Dir, "s3"), Queues: queues(s), Addr: loopback(s.S3), Region: embedded.Region,
		AccessKey: accessKey, SecretKey: secretKey,
	})
	if err != nil {
		return nil, fmt.Errorf("start the S3 drop: %w", err)
	}
	child, err := process.StartSelf("S3 drop", filepath.Join(s.Dir, "s3.log"), []string{objectsSetting + "=" + string(given)}, objectsCommand)
	if err != nil {
		return nil, err
	}
	return child, child.Ready(s.s3URL()+objects.Health, startLimit)
}

// serveObjects is the S3 drop itself, in a process of its own.
func serveObjects(ctx context.Context) error {
	var s objects.Settings
	if err := json.Unmarshal([]byte(os.Getenv(objectsSetting)), &s); err != nil {
		return fmt.Errorf("read the settings of the S3 drop: %w", err)
	}
	return objects.Serve(ctx, s)
}

func queues(s settings) string { return filepath.Join(s.Dir, "queues") }

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// Command dynamodblocal runs another command while Amazon's DynamoDB Local answers at AWS_ENDPOINT_URL_DYNAMODB:
//
//	go run ./internal/dynamo/dynamodblocal go test ./internal/dynamo/
//
// It is the second engine for the tests of the store. The first run fetches it with Maven, as pom.xml says, into
// .tools of the repository; it needs Java 17 or later, from JAVA_HOME or PATH. It keeps its data in memory, sends no
// telemetry, and ends with the command.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"
)

const (
	folder     = "internal/dynamo/dynamodblocal"
	server     = "com.amazonaws.services.dynamodbv2.local.main.ServerRunner"
	startLimit = time.Minute
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatal("usage: dynamodblocal COMMAND [ARGUMENT...]")
	}
	err := run(context.Background(), os.Args[1:])
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		os.Exit(failed.ExitCode())
	}
	if err != nil {
		log.Fatalf("dynamodblocal: %v", err)
	}
}

// run runs the command while DynamoDB Local does; an *exec.ExitError is the command's.
func run(ctx context.Context, command []string) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	jars, err := fetch(ctx)
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	engine := exec.CommandContext(ctx, java(), "-Djava.library.path="+jars, "-cp", filepath.Join(jars, "*"), server,
		"-inMemory", "-sharedDb", "-disableTelemetry", "-port", strconv.Itoa(port))
	engine.Stderr = os.Stderr
	if err := engine.Start(); err != nil {
		return fmt.Errorf("start DynamoDB Local: %w", err)
	}
	defer func() {
		stop()
		_ = engine.Wait() // it was killed
	}()
	endpoint := "http://127.0.0.1:" + strconv.Itoa(port)
	if err := waitFor(ctx, endpoint); err != nil {
		return err
	}
	child := exec.CommandContext(ctx, command[0], command[1:]...)
	child.Env = append(os.Environ(), "AWS_ENDPOINT_URL_DYNAMODB="+endpoint)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	return child.Run()
}

// fetch is the folder with DynamoDB Local's jars and native libraries, filled by Maven when it is not there yet. A
// folder that was filled half is never taken for a whole one.
func fetch(ctx context.Context) (string, error) {
	root, err := repository()
	if err != nil {
		return "", err
	}
	jars := filepath.Join(root, ".tools", "dynamodb-local")
	if _, err := os.Stat(jars); err == nil {
		return jars, nil
	}
	if err := os.MkdirAll(filepath.Dir(jars), 0o755); err != nil {
		return "", err
	}
	partial, err := os.MkdirTemp(filepath.Dir(jars), "dynamodb-local-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(partial)
	maven := exec.CommandContext(ctx, "mvn", "--quiet", "--batch-mode", "--strict-checksums",
		"--file", filepath.Join(root, folder, "pom.xml"), "dependency:copy-dependencies", "-DoutputDirectory="+partial)
	maven.Stdout, maven.Stderr = os.Stderr, os.Stderr
	if err := maven.Run(); err != nil {
		return "", fmt.Errorf("fetch DynamoDB Local with Maven: %v", err)
	}
	return jars, os.Rename(partial, jars)
}

// repository is the nearest folder, from the working directory upwards, that has this command in it.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, folder, "pom.xml")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("start it within the repository")
		}
		dir = up
	}
}

func java() string {
	if home := os.Getenv("JAVA_HOME"); home != "" {
		return filepath.Join(home, "bin", "java")
	}
	return "java"
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// waitFor waits until something answers at the endpoint; DynamoDB Local refuses a bare GET, which is an answer.
func waitFor(ctx context.Context, endpoint string) error {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			return resp.Body.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("DynamoDB Local did not answer: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

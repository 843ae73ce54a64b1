// Package embedded runs DynamoDB on this machine for tests and for the local run: an engine (dynoxide) as a child
// process on a loopback port. It is not part of any Lambda function.
package embedded

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// EndpointSetting is the SDK's own environment variable for another DynamoDB; where it is set, that is used and no
// engine is started.
const EndpointSetting = "AWS_ENDPOINT_URL_DYNAMODB"

// BinarySetting is the environment variable that tells where the engine's binary is.
const BinarySetting = "DYNOXIDE_BIN"

// ErrNoEngine says that there is no engine on this machine, and what to install.
var ErrNoEngine = errors.New("no DynamoDB engine found: run \"npm ci --prefix infra/local\" in the repository, " +
	"or install dynoxide and set " + BinarySetting + " to it, or set " + EndpointSetting + " to a running DynamoDB Local")

// Find is the path of the engine's binary: what DYNOXIDE_BIN says, else the one npm installed under infra/local of
// this directory or the nearest one above it, else the one on PATH; or [ErrNoEngine].
func Find() (string, error) {
	if bin := os.Getenv(BinarySetting); bin != "" {
		if _, err := os.Stat(bin); err != nil {
			return "", fmt.Errorf("%s: %w", BinarySetting, err)
		}
		return bin, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the DynamoDB engine: %w", err)
	}
	for {
		bin := filepath.Join(dir, "infra", "local", "node_modules", "@dynoxide", platform(), binary())
		if info, err := os.Stat(bin); err == nil && info.Mode().IsRegular() {
			return bin, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	if bin, err := exec.LookPath("dynoxide"); err == nil {
		return bin, nil
	}
	return "", ErrNoEngine
}

// platform is this machine in the words of npm.
func platform() string {
	system, cpu := runtime.GOOS, runtime.GOARCH
	if system == "windows" {
		system = "win32"
	}
	if cpu == "amd64" {
		cpu = "x64"
	}
	return system + "-" + cpu
}

func binary() string {
	if runtime.GOOS == "windows" {
		return "dynoxide.exe"
	}
	return "dynoxide"
}

package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"

	"patrondesk/infra/deployment"
)

// settings say where everything is. They come from the command line and the environment.
type settings struct {
	Root string // of the repository
	Dir  string // of the data, absolute
	// API is the address of the API. The ports of the stand-ins are on 127.0.0.1.
	API                            string
	Mailbox, S3, DynamoDB, SignIn  int
	OwnDynamoDB, OwnS3, OwnMailbox bool     // false: the environment names another engine
	Origins                        []string // whose pages may call the API
	Environment                    func(string) string
}

// bucketName is the bucket of the demo library.
const bucketName = "patrondesk-demo"

// readSettings reads the settings; addr and dir are empty for the defaults.
func readSettings(getenv func(string) string, addr, dir string) (settings, error) {
	root, err := repository()
	if err != nil {
		return settings{}, err
	}
	s := settings{Root: root, Dir: dir, API: addr, Environment: getenv}
	if s.Dir == "" {
		s.Dir = filepath.Join(root, ".local")
	}
	if s.Dir, err = filepath.Abs(s.Dir); err != nil {
		return settings{}, fmt.Errorf("find the directory of the data: %w", err)
	}
	var api int
	for _, p := range []struct {
		name  string
		port  *int
		usual int
	}{
		{"API_PORT", &api, 8080}, {"MAILBOX_PORT", &s.Mailbox, 8005}, {"S3_PORT", &s.S3, 9000},
		{"DYNAMODB_PORT", &s.DynamoDB, 8000}, {"SIGNIN_PORT", &s.SignIn, 9998},
	} {
		if *p.port, err = readPort(getenv, p.name, p.usual); err != nil {
			return settings{}, err
		}
	}
	if s.Origins, err = deployment.Origins(getenv("CORS_ORIGINS")); err != nil {
		return settings{}, fmt.Errorf("CORS_ORIGINS: %w", err)
	}
	if s.API == "" {
		s.API = loopback(api)
	}
	s.OwnDynamoDB = s.own("AWS_ENDPOINT_URL_DYNAMODB", s.DynamoDB)
	s.OwnS3 = s.own("AWS_ENDPOINT_URL_S3", s.S3)
	s.OwnMailbox = s.own("AWS_ENDPOINT_URL_SESV2", s.Mailbox)
	return s, onLoopback(s.API)
}

// own reports whether the engine is to be started here: the environment names no other. It may name the very address
// it would be started on, after demo.env was read into a shell; then what counts is whether something is there.
func (s settings) own(variable string, port int) bool {
	named := firstOf(s.Environment(variable), s.Environment("AWS_ENDPOINT_URL"))
	if named == "" {
		return true
	}
	l, err := net.Listen("tcp", loopback(port))
	if err != nil {
		return false
	}
	l.Close()
	return named == "http://"+loopback(port)
}

// Where the engines are reached, whoever started them.
func (s settings) mailboxURL() string {
	return s.engine(s.OwnMailbox, s.Mailbox, "AWS_ENDPOINT_URL_SESV2")
}
func (s settings) s3URL() string { return s.engine(s.OwnS3, s.S3, "AWS_ENDPOINT_URL_S3") }
func (s settings) dynamodbURL() string {
	return s.engine(s.OwnDynamoDB, s.DynamoDB, "AWS_ENDPOINT_URL_DYNAMODB")
}

func (s settings) engine(own bool, port int, variable string) string {
	if own {
		return "http://" + loopback(port)
	}
	return firstOf(s.Environment(variable), s.Environment("AWS_ENDPOINT_URL"))
}

func readPort(getenv func(string) string, name string, usual int) (int, error) {
	text := getenv(name)
	if text == "" {
		return usual, nil
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, fmt.Errorf("%s is %q; give a port from 1 to 65535", name, text)
	}
	return int(port), nil
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// onLoopback refuses an address others could reach: the demo's keys and sign-in are no secrets.
func onLoopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("-addr is %q; give it as 127.0.0.1:8080", addr)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("-addr is %q, which others could reach; the demo listens on loopback only", addr)
	}
	return nil
}

// checkPorts says which ports are taken, each with the variable that chooses another.
func (s settings) checkPorts() error {
	var taken []error
	check := func(what, addr, variable string, own bool) {
		if !own {
			return
		}
		l, err := net.Listen("tcp", addr)
		if err != nil {
			taken = append(taken, fmt.Errorf("%s (%s) is taken: set %s to a free port, or stop what uses it", addr, what, variable))
			return
		}
		l.Close()
	}
	check("the API", s.API, "API_PORT", true)
	check("the mailbox", loopback(s.Mailbox), "MAILBOX_PORT", s.OwnMailbox)
	check("the S3 drop", loopback(s.S3), "S3_PORT", s.OwnS3)
	check("DynamoDB", loopback(s.DynamoDB), "DYNAMODB_PORT", s.OwnDynamoDB)
	check("the sign-in", loopback(s.SignIn), "SIGNIN_PORT", true)
	return errors.Join(taken...)
}

// repository is the directory above the working directory that holds this program.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "infra", "local", "package.json")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("start this from within the repository")
		}
		dir = up
	}
}

func lockFile(dir string) string  { return filepath.Join(dir, "lock") }
func envFile(dir string) string   { return filepath.Join(dir, "demo.env") }
func clockFile(dir string) string { return filepath.Join(dir, "clock") }

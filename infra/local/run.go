package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"patrondesk/infra/local/clock"
	"patrondesk/infra/local/demo"
	"patrondesk/infra/local/objects"
	"patrondesk/infra/local/process"
	"patrondesk/infra/local/signin"
	"patrondesk/internal/auth"
	"patrondesk/internal/dynamo"
	"patrondesk/internal/dynamo/embedded"
	"patrondesk/internal/institution"
	"patrondesk/internal/obs"
	"patrondesk/internal/patron"
)

// run runs the product until the context ends, which is no error.
func run(ctx context.Context, s settings, out io.Writer) (err error) {
	began := time.Now()
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fmt.Errorf("make the directory of the data: %w", err)
	}
	unlock, err := process.Lock(lockFile(s.Dir))
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.checkPorts(); err != nil {
		return err
	}
	log, closeLog, err := openLog(s)
	if err != nil {
		return err
	}
	defer closeLog()
	slog.SetDefault(log)
	engines, err := start(ctx, s)
	if err != nil {
		return quietly(ctx, err)
	}
	defer func() { err = errors.Join(err, engines.stop()) }()
	return quietly(ctx, product(ctx, s, engines, log, began, out))
}

// quietly is the error unless it comes of being stopped.
func quietly(ctx context.Context, err error) error {
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// openLog opens the log of the functions, which would go to CloudWatch.
func openLog(s settings) (*slog.Logger, func() error, error) {
	f, err := os.OpenFile(functionsLog(s), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, fmt.Errorf("open the log: %w", err)
	}
	return obs.NewLog(f), f.Close, nil
}

func functionsLog(s settings) string { return filepath.Join(s.Dir, "functions.log") }

// library is what is served: the institution, its clock, its data, and who may come in. Who comes in is decided by the
// machine's own clock, because tokens are made by it.
type library struct {
	institution *institution.Institution
	clock       *clock.Clock
	clients     clients
	keys        keys
	provider    *signin.Provider
}

// furnish makes the library ready on engines that run.
func furnish(ctx context.Context, s settings, log *slog.Logger, out io.Writer) (library, error) {
	inst, err := institution.Read(filepath.Join(s.Root, "infra", "institution.json"))
	if err != nil {
		return library{}, err
	}
	c, err := newClients(ctx, s)
	if err != nil {
		return library{}, err
	}
	k, err := readKeys(s)
	if err != nil {
		return library{}, err
	}
	watch, err := clock.Open(clockFile(s.Dir))
	if err != nil {
		return library{}, err
	}
	l := library{institution: inst, clock: watch, clients: c, keys: k}
	if err := l.prepare(ctx, s, out); err != nil {
		return library{}, err
	}
	l.provider, err = newProvider(s, l.store(c), log)
	return l, err
}

// store is the store by the library's clock, through those clients.
func (l library) store(c clients) *dynamo.Store {
	return dynamo.New(c.database(), embedded.Names(""), l.clock.Now)
}

// product serves the product on engines that run, until the context ends or something fails.
func product(ctx context.Context, s settings, engines *engines, log *slog.Logger, began time.Time, out io.Writer) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := engines.failed(ctx)
	l, err := furnish(ctx, s, log, out)
	if err != nil {
		return err
	}
	verifier := auth.NewVerifier(issuer(s), signin.Audience, signin.Claim, &http.Client{Timeout: 5 * time.Second}, time.Now)
	m, err := l.mount(s, verifier, log)
	if err != nil {
		return err
	}
	people, err := serve(loopback(s.SignIn), "SIGNIN_PORT", l.provider.Handler())
	if err != nil {
		return err
	}
	defer people.stop()
	front, err := serve(s.API, "API_PORT", withClock(l.clock, m.api(s.Origins, log)))
	if err != nil {
		return err
	}
	wait := m.consume(ctx)
	defer func() { front.stop(); stop(); wait() }()
	if !s.OwnS3 {
		go objects.Watcher{Client: l.clients.bucket(), Bucket: bucketName, Queues: queues(s), Every: time.Second, Log: log}.Run(ctx)
	}
	if err := tell(ctx, s, l); err != nil {
		return err
	}
	welcome(out, s, l, time.Since(began))
	select {
	case <-ctx.Done():
		fmt.Fprintln(out, "Stopping.")
		return nil
	case err = <-failed:
	case err = <-front.failed:
	case err = <-people.failed:
	}
	return err
}

// issuer is the issuer of the sign-in's tokens.
func issuer(s settings) string { return "http://" + loopback(s.SignIn) }

// newProvider is the sign-in of everybody who is in the table of patrons.
func newProvider(s settings, store *dynamo.Store, log *slog.Logger) (*signin.Provider, error) {
	find := func(ctx context.Context, id string) (signin.Person, error) {
		p, err := store.Patron(ctx, id)
		if err != nil {
			return signin.Person{}, err
		}
		if patron.Fold(p.PrimaryID) != patron.Fold(id) {
			return signin.Person{}, patron.ErrNotFound
		}
		email, _ := p.PreferredEmail()
		return signin.Person{PrimaryID: p.PrimaryID, Name: p.DisplayName(), Email: email.Address}, nil
	}
	return signin.New(signin.Settings{
		Issuer: issuer(s), KeyFile: filepath.Join(s.Dir, "signin.pem"), Find: find, Offered: demo.SignIns(), Now: time.Now, Log: log,
	})
}

// token is a token of the person, or empty when the library does not have them any more.
func (l library) token(ctx context.Context, primaryID string) (string, error) {
	token, err := l.provider.Token(ctx, primaryID)
	if errors.Is(err, patron.ErrNotFound) {
		return "", nil
	}
	return token, err
}

// tell writes demo.env.
func tell(ctx context.Context, s settings, l library) error {
	staff, err := l.token(ctx, demo.Operator)
	if err != nil {
		return err
	}
	self, err := l.token(ctx, demo.Thomas)
	if err != nil {
		return err
	}
	entries := []entry{
		{"API_URL", "http://" + s.API}, {"API_KEY", l.keys.all}, {"API_KEY_READ", l.keys.read}, {"MAILBOX_URL", s.mailboxURL()},
		{"SIS_BUCKET", bucketName}, {"JOBS_TABLE", embedded.Names("").Jobs}, {"INSTITUTION", l.institution.Code},
		{"CLOCK_URL", "http://" + s.API + clockPath},
		{"OIDC_ISSUER", issuer(s)}, {"OIDC_AUDIENCE", signin.Audience}, {"OIDC_CLAIM", signin.Claim},
		{"STAFF_TOKEN", staff}, {"PATRON_TOKEN", self},
		{"AWS_ENDPOINT_URL_S3", s.s3URL()}, {"AWS_ENDPOINT_URL_DYNAMODB", s.dynamodbURL()}, {"AWS_ENDPOINT_URL_SESV2", s.mailboxURL()},
	}
	if s.OwnDynamoDB && s.OwnS3 && s.OwnMailbox { // else the credentials are those of the environment, which are not ours to write down
		entries = append(entries, entry{"AWS_REGION", embedded.Region},
			entry{"AWS_ACCESS_KEY_ID", accessKey}, entry{"AWS_SECRET_ACCESS_KEY", secretKey})
	}
	return writeEnvironment(envFile(s.Dir), entries)
}

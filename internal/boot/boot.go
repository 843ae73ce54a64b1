// Package boot is what the mains of all functions need: their settings, the AWS configuration, the guard, and the
// serving itself. Everything here ends the process when it cannot go on, and is for mains alone.
package boot

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"

	"patrondesk/internal/apigw"
	"patrondesk/internal/auth"
	"patrondesk/internal/institution"
	"patrondesk/internal/obs"
	"patrondesk/internal/patron"
)

// warmTime bounds the first read, so that a store that does not answer delays no start for long.
const warmTime = 3 * time.Second

// Setting is the environment variable of that name. The process ends when it is missing or empty.
func Setting(name string) string {
	value := os.Getenv(name)
	if value == "" {
		fail("setting %s is missing: set the environment variable; the README tells under Settings what it means", name)
	}
	return value
}

// Optional is the environment variable of that name, or otherwise when it is missing or empty.
func Optional(name, otherwise string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return otherwise
}

// AWS is the configuration of the AWS SDK: credentials, region, retries and endpoints come from the SDK's own
// environment variables and from nowhere else.
func AWS() aws.Config {
	cfg, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		fail("load the AWS configuration: %v", err)
	}
	return cfg
}

// Institution is the library's settings, from institution.json beside the binary or the file that the setting
// INSTITUTION names.
func Institution() *institution.Institution {
	beside := filepath.Join(os.Getenv("LAMBDA_TASK_ROOT"), "institution.json")
	inst, err := institution.Read(Optional("INSTITUTION", beside))
	if err != nil {
		fail("%v", err)
	}
	return inst
}

// callerStore finds keys and patrons, as [auth.New] asks for.
type callerStore interface {
	APIKey(ctx context.Context, hash string) (auth.Key, error)
	Patron(ctx context.Context, identifier string) (patron.Patron, error)
}

// Guard knows callers by the keys and patrons of the store, and by tokens when the setting OIDC_ISSUER is there, which
// needs OIDC_AUDIENCE too; OIDC_CLAIM is preferred_username by default. A role counts in the institution and its
// libraries. Guard reads from the store once, so that the connection is open before the first caller comes: a function
// has its full processor while it starts and not later.
func Guard(store callerStore, inst *institution.Institution) *auth.Guard {
	ctx, cancel := context.WithTimeout(context.Background(), warmTime)
	defer cancel()
	_, _ = store.APIKey(ctx, auth.HashSecret("")) // there is no such key; the first caller meets what fails here

	scopes := []string{inst.Code}
	for _, l := range inst.Libraries {
		scopes = append(scopes, l.Code)
	}
	return auth.New(store, store, verifier(), time.Now, scopes...)
}

func verifier() *auth.Verifier {
	issuer := os.Getenv("OIDC_ISSUER")
	if issuer == "" {
		return nil
	}
	claim := Optional("OIDC_CLAIM", "preferred_username")
	return auth.NewVerifier(issuer, Setting("OIDC_AUDIENCE"), claim, http.DefaultClient, time.Now)
}

// Serve answers the function's requests with h until Lambda ends the process, and writes one line for each to
// standard output, under the name the function has in Lambda, where stages differ, or else under name.
func Serve(name string, h http.Handler) {
	lambda.Start(invocation(Optional("AWS_LAMBDA_FUNCTION_NAME", name), os.Stdout, h))
}

func invocation(name string, log io.Writer, h http.Handler) apigw.Invocation {
	return apigw.Handler(obs.Middleware(name, obs.NewLog(log), h))
}

// fail ends the process with a message on standard error.
func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

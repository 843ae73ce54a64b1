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
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"patrondesk/internal/apigw"
	"patrondesk/internal/auth"
	"patrondesk/internal/institution"
	"patrondesk/internal/obs"
	"patrondesk/internal/patron"
	"patrondesk/internal/session"
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

// AWS is the configuration of the AWS SDK, from what Lambda puts into every function's environment: the region and the
// credentials of the function's role, which last as long as the process. Of the SDK's other variables it honours those
// of endpoints: AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_ with a service, AWS_USE_FIPS_ENDPOINT and
// AWS_USE_DUALSTACK_ENDPOINT.
//
// That is less than the SDK's package config reads: no shared files and profiles, no credentials of another source, and
// none of the variables for retries, time-outs, proxies' certificates (AWS_CA_BUNDLE), the user agent or checksums. The
// package brings the clients of every source of credentials along, whose initialisation is felt in every start.
func AWS() aws.Config {
	cfg := aws.Config{
		Region: Setting("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			Setting("AWS_ACCESS_KEY_ID"), Setting("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
		ConfigSources:              []any{endpoints{}},
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenSupported,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenSupported,
	}
	if url := os.Getenv("AWS_ENDPOINT_URL"); url != "" {
		cfg.BaseEndpoint = aws.String(url)
	}
	return cfg
}

// endpoints are what the environment says of endpoints: those of single services, such as AWS_ENDPOINT_URL_DYNAMODB,
// and which kind of AWS's own is called.
type endpoints struct{}

// GetServiceBaseEndpoint is how the SDK's clients ask a configuration for the endpoint of their service.
func (endpoints) GetServiceBaseEndpoint(_ context.Context, service string) (url string, found bool, err error) {
	url = os.Getenv("AWS_ENDPOINT_URL_" + strings.ReplaceAll(strings.ToUpper(service), " ", "_"))
	return url, url != "", nil
}

// GetUseFIPSEndpoint is how the SDK's clients ask whether to call AWS's endpoints with validated cryptography.
func (endpoints) GetUseFIPSEndpoint(context.Context) (aws.FIPSEndpointState, bool, error) {
	if on, given := yesOrNo("AWS_USE_FIPS_ENDPOINT"); on {
		return aws.FIPSEndpointStateEnabled, true, nil
	} else if given {
		return aws.FIPSEndpointStateDisabled, true, nil
	}
	return aws.FIPSEndpointStateUnset, false, nil
}

// GetUseDualStackEndpoint is how the SDK's clients ask whether to call AWS's endpoints that speak IPv6 too.
func (endpoints) GetUseDualStackEndpoint(context.Context) (aws.DualStackEndpointState, bool, error) {
	if on, given := yesOrNo("AWS_USE_DUALSTACK_ENDPOINT"); on {
		return aws.DualStackEndpointStateEnabled, true, nil
	} else if given {
		return aws.DualStackEndpointStateDisabled, true, nil
	}
	return aws.DualStackEndpointStateUnset, false, nil
}

// yesOrNo is a variable that is true or false, in any case of letters. The process ends when it is neither, as with the
// SDK: who asks for such an endpoint must not be given another one.
func yesOrNo(name string) (on, given bool) {
	switch value := os.Getenv(name); {
	case value == "":
		return false, false
	case strings.EqualFold(value, "true"):
		return true, true
	case strings.EqualFold(value, "false"):
		return false, true
	}
	fail("setting %s must be true or false", name)
	return false, false
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
	PatronByUID(ctx context.Context, uid string) (patron.Patron, error)
}

// Guard knows callers by the keys and patrons of the store, and by tokens when the setting OIDC_ISSUER is there, which
// needs OIDC_AUDIENCE and OIDC_CLAIM too: which claim only the issuer can set differs between issuers. A role counts in
// the institution and its libraries. Guard reads from the store once, so that the connection is open before the first
// caller comes: a function has its full processor while it starts and not later.
func Guard(store callerStore, inst *institution.Institution) *auth.Guard {
	ctx, cancel := context.WithTimeout(context.Background(), warmTime)
	defer cancel()
	_, _ = store.APIKey(ctx, auth.HashSecret("")) // there is no such key; the first caller meets what fails here

	return auth.New(store, store, verifier(), time.Now, scopes(inst)...)
}

// scopes are the codes of the institution and its libraries, in which a role counts.
func scopes(inst *institution.Institution) []string {
	codes := []string{inst.Code}
	for _, l := range inst.Libraries {
		codes = append(codes, l.Code)
	}
	return codes
}

// deskStore finds sessions and patrons.
type deskStore interface {
	callerStore
	Session(ctx context.Context, hash string) (session.Session, error)
}

// People knows staff by their records, for a function whose callers sign in with it. It reads from the store once, as
// [Guard] does.
func People(store deskStore, inst *institution.Institution) *auth.Guard {
	ctx, cancel := context.WithTimeout(context.Background(), warmTime)
	defer cancel()
	_, _ = store.Session(ctx, session.Hash("")) // there is none
	return auth.New(store, store, nil, time.Now, scopes(inst)...)
}

// Provider is where staff sign in: at the issuer of the setting OIDC_ISSUER, as users of the client whose id is
// OIDC_AUDIENCE. Without the setting nobody can.
func Provider() *session.Provider {
	p := &session.Provider{Issuer: os.Getenv("OIDC_ISSUER"), Logout: os.Getenv("OIDC_LOGOUT"), Now: time.Now}
	if p.Issuer != "" {
		p.Client, p.Claim = Setting("OIDC_AUDIENCE"), Setting("OIDC_CLAIM")
	}
	return p
}

func verifier() *auth.Verifier {
	issuer := os.Getenv("OIDC_ISSUER")
	if issuer == "" {
		return nil
	}
	return auth.NewVerifier(issuer, Setting("OIDC_AUDIENCE"), Setting("OIDC_CLAIM"), http.DefaultClient, time.Now)
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

package main

import (
	"cmp"
	"fmt"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"patrondesk/functions"
	"patrondesk/infra/deployment"
	"patrondesk/internal/institution"
)

// settings are what one deployment differs from another by. They come from CDK's context.
type settings struct {
	Stage string // part of every name, so that several stages can live in one account
	Dist  string // where the built functions are, one folder each
	Arch  string // arm64 or x86_64, as the functions were built

	Issuer, Audience, Claim string   // of sign-in tokens; all empty when there is no sign-in
	Logout                  string   // where people sign out at the issuer, up to the address to come back to; empty for the usual way
	SignIn                  string   // cognito makes a user pool that is the issuer; empty for none
	SignInDomain, SignInMFA string   // of the pool: the prefix of its domain, and whether a second factor is optional or required
	Origins                 []string // whose pages may call the API; none for no CORS

	From           string // the institution's From address, bare
	MailIdentity   string // the domain or address verified with SES that From belongs to
	IdentityExists bool   // SES has the identity already, so that the stack must not make it

	Zone   string            // the institution's time zone, by which rounds are made
	Rounds map[string]string // when the round of a function is made, or whether, by the function's name

	AlarmEmail string // who is told of alarms; empty for nobody
	Tracing    bool   // X-Ray
	Reserve    bool   // reserve one concurrent execution for each import function
}

// cognito is the one sign-in the stack can make.
const cognito = "cognito"

var (
	stageName    = regexp.MustCompile(`^[a-z][a-z0-9]{0,15}$`)
	signInDomain = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
)

// contextOf reads the app's context: a value as text, or the default where there is none.
func contextOf(app awscdk.App) func(name, or string) string {
	return func(name, or string) string {
		v := app.Node().TryGetContext(jsii.String(name))
		if v == nil {
			return or
		}
		return fmt.Sprint(v)
	}
}

// settingsFrom reads the settings and refuses those that cannot be deployed.
func settingsFrom(context func(name, or string) string) (settings, error) {
	inst, err := institution.Read(context("institution", "institution.json"))
	if err != nil {
		return settings{}, err
	}
	s := settings{
		Stage:          context("stage", "dev"),
		Dist:           context("dist", filepath.Join("..", "dist")),
		Arch:           context("arch", "arm64"),
		Issuer:         context("oidcIssuer", ""),
		Audience:       context("oidcAudience", ""),
		Claim:          context("oidcClaim", ""),
		Logout:         context("oidcLogout", ""),
		SignIn:         context("signIn", ""),
		SignInDomain:   context("signInDomain", ""),
		SignInMFA:      context("signInMfa", ""),
		MailIdentity:   context("mailIdentity", ""),
		IdentityExists: context("mailIdentityExists", "false") == "true",
		Zone:           inst.TimeZone,
		Rounds:         map[string]string{},
		AlarmEmail:     context("alarmEmail", ""),
		Tracing:        context("tracing", "true") == "true",
		Reserve:        context("reserveConcurrency", "false") == "true",
	}
	if s.Origins, err = deployment.Origins(context("corsOrigins", "")); err != nil {
		return settings{}, fmt.Errorf("corsOrigins: %w", err)
	}
	if err := s.mail(inst.Letters.From); err != nil {
		return settings{}, err
	}
	for _, f := range functions.All {
		if f.Round != nil {
			s.Rounds[f.Name] = context(roundContext(f), deployment.RoundDefault(*f.Round))
		}
	}
	return s, s.check()
}

// roundContext is the context value that says when the function's round is made: holdShelfRound.
func roundContext(f functions.Function) string {
	name := deployment.RoundSetting(f.Name)
	return strings.ToLower(name[:1]) + name[1:]
}

// mail completes the settings of mail from the institution's From address.
func (s *settings) mail(from string) error {
	address, err := mail.ParseAddress(from)
	if err != nil {
		return fmt.Errorf("letters.from in the institution's settings must be an e-mail address: SES sends from it alone")
	}
	s.From = address.Address
	if s.MailIdentity == "" {
		_, s.MailIdentity, _ = strings.Cut(s.From, "@")
	}
	return nil
}

func (s settings) check() error {
	if !stageName.MatchString(s.Stage) {
		return fmt.Errorf("stage %q must be 1 to 16 small letters and digits, a letter first", s.Stage)
	}
	if s.Arch != "arm64" && s.Arch != "x86_64" {
		return fmt.Errorf("arch %q must be arm64 or x86_64", s.Arch)
	}
	if err := s.checkSignIn(); err != nil {
		return err
	}
	if s.From != s.MailIdentity && !strings.HasSuffix(s.From, "@"+s.MailIdentity) && !strings.HasSuffix(s.From, "."+s.MailIdentity) {
		return fmt.Errorf("letters.from must be of the mailIdentity %q: SES refuses every other sender", s.MailIdentity)
	}
	for _, f := range functions.All {
		if f.Round == nil {
			continue
		}
		if _, _, err := deployment.RoundWhen(*f.Round, s.Rounds[f.Name]); err != nil {
			return fmt.Errorf("%s: %w", roundContext(f), err)
		}
	}
	return s.built()
}

// checkSignIn sees to it that there is one issuer or none.
func (s settings) checkSignIn() error {
	if s.SignIn != "" {
		return s.checkPool()
	}
	if s.SignInDomain != "" || s.SignInMFA != "" {
		return fmt.Errorf("signInDomain and signInMfa belong to signIn=cognito")
	}
	if none := s.Issuer == ""; none != (s.Audience == "") || none != (s.Claim == "") {
		return fmt.Errorf("oidcIssuer, oidcAudience and oidcClaim must be given together; the claim holds the patron's primary id and must be one that people cannot choose themselves")
	}
	if s.Issuer != "" && !strings.HasPrefix(s.Issuer, "https://") {
		return fmt.Errorf("oidcIssuer must be an https address")
	}
	if s.Logout != "" && (s.Issuer == "" || !strings.HasPrefix(s.Logout, "https://") || !strings.HasSuffix(s.Logout, "=")) {
		return fmt.Errorf("oidcLogout must be an https address of the oidcIssuer that ends where the address to come back to belongs, such as https://login.example.edu/logout?client_id=desk&logout_uri=")
	}
	return nil
}

// checkPool refuses what Cognito would refuse in the middle of a deployment.
func (s settings) checkPool() error {
	if s.SignIn != cognito {
		return fmt.Errorf("signIn %q must be cognito, or left out", s.SignIn)
	}
	if s.Issuer+s.Audience+s.Claim+s.Logout != "" {
		return fmt.Errorf("signIn=cognito makes an issuer of its own: leave out oidcIssuer, oidcAudience, oidcClaim and oidcLogout, or leave out signIn")
	}
	if s.SignInMFA != "" && s.SignInMFA != "optional" && s.SignInMFA != "required" {
		return fmt.Errorf("signInMfa %q must be optional or required", s.SignInMFA)
	}
	domain := cmp.Or(s.SignInDomain, s.domainPrefix()+"0")
	reserved := strings.Contains(domain, "aws") || strings.Contains(domain, "amazon") || strings.Contains(domain, cognito)
	if reserved || !signInDomain.MatchString(domain) {
		return fmt.Errorf("signInDomain must be small letters, digits and hyphens between them, without the words aws, amazon and cognito; it is %q", domain)
	}
	return nil
}

// domainPrefix is what the pool's domain begins with when none is named; the account's number follows.
func (s settings) domainPrefix() string { return "patrondesk-" + s.Stage + "-" }

// warnings are what can be deployed and will not do, in sentences.
func (s settings) warnings() []string {
	_, domain, _ := strings.Cut(s.From, "@")
	for _, nobodys := range []string{"example", "test", "invalid", "localhost", "example.com", "example.org", "example.net"} {
		if strings.HasSuffix("."+domain, "."+nobodys) {
			return []string{"letters.from in the institution's settings is " + s.From + ", of a domain nobody can own: no letter will be sent. Give the library's own address."}
		}
	}
	return nil
}

// built sees to it that every function has been built.
func (s settings) built() error {
	for _, f := range functions.All {
		for _, file := range []string{"bootstrap", "institution.json"} {
			if _, err := os.Stat(filepath.Join(s.Dist, f.Name, file)); err != nil {
				return fmt.Errorf("function %s has no %s in %s; run `make build` first", f.Name, file, s.Dist)
			}
		}
	}
	return nil
}

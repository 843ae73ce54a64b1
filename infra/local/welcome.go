package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"patrondesk/infra/local/clock"
	"patrondesk/infra/local/demo"
)

// welcome says what there is to open.
func welcome(out io.Writer, s settings, l library, took time.Duration) {
	dir, err := filepath.Rel(s.Root, s.Dir)
	if err != nil || strings.HasPrefix(dir, "..") {
		dir = s.Dir
	}
	if l.clock.Ahead() > 0 {
		now := clock.Reading{Now: l.clock.Now(), Ahead: l.clock.Ahead()}
		fmt.Fprintf(out, "\n%s\n\"make clock RESET=1\" sets the clock right.\n", timeTold(now, l.institution.TimeZone))
	}
	fmt.Fprintf(out, `
The demo library is open (it took %.1f s).

  The desk       http://%[2]s/desk   (the pages library staff work in; choose who you are, no passwords)
  The API        http://%[2]s/almaws/v1
                 curl -H 'Authorization: apikey %[3]s' -H 'Accept: application/json' \
                   http://%[2]s/almaws/v1/users/%[4]s
  The mailbox    %[5]s   (letters are kept until the run stops)
  The S3 drop    make import FILE=infra/local/demo/registrar.xml
                 bucket %[6]s at %[7]s: sis/%[8]s/... and items/...
  The clock      make clock ADVANCE=22d   (puts the library's clock forward; RESET=1 sets it right)
  The rounds     make round NAME=hold-shelf   (or activity-letters; nothing is scheduled here)
  The sign-in    http://%[9]s   (no passwords; a script gets a token with
                 curl -d grant_type=client_credentials -d client_id=%[10]s -d client_secret=demo \
                   http://%[9]s/oauth/token)

  Thomas Reed's password at the library is %[11]s.
  Keys, tokens and addresses for scripts are in %[12]s, what the functions log in %[13]s.

Ctrl-C stops it; the data stays. "make reset" forgets it.
`, took.Seconds(), s.API, l.keys.all, demo.ThomasBarcode, s.mailboxURL(), bucketName, s.s3URL(), demo.Profile,
		loopback(s.SignIn), demo.Operator, demo.ThomasPassword, filepath.Join(dir, "demo.env"), filepath.Join(dir, "functions.log"))
}

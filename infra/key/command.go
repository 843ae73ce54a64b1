package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"patrondesk/internal/auth"
)

const usage = `usage:
  key make   -name NAME -rights RIGHT,... [-expires YYYY-MM-DD]
  key list
  key revoke -name NAME | -id ID
APIKEYS_TABLE names the table of keys: the output ApikeysTableName of the stack`

// command is what the command line asks for.
type command struct {
	verb, name, id string
	rights         []auth.Right
	expires        time.Time
}

// keyStore keeps API keys; dynamo.Store is one.
type keyStore interface {
	SaveAPIKey(ctx context.Context, k auth.Key) error
	RevokeAPIKey(ctx context.Context, hash string, at time.Time) error
	APIKeys(ctx context.Context) ([]auth.Key, error)
}

func parse(args []string) (command, error) {
	if len(args) == 0 {
		return command{}, errors.New(usage)
	}
	c := command{verb: args[0]}
	var rights, expires string
	flags := flag.NewFlagSet("key", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.name, "name", "", "")
	flags.StringVar(&c.id, "id", "", "")
	flags.StringVar(&rights, "rights", "", "")
	flags.StringVar(&expires, "expires", "", "")
	if err := flags.Parse(args[1:]); err != nil || flags.NArg() > 0 {
		return command{}, errors.New(usage)
	}
	switch c.verb {
	case "list":
		return c, nil
	case "revoke":
		if (c.name == "") == (c.id == "") {
			return command{}, errors.New("give -name or -id of the key to revoke")
		}
		return c, nil
	case "make":
		return c.withNewKey(rights, expires)
	}
	return command{}, errors.New(usage)
}

// withNewKey reads what a new key shall be. Its last day is included, in UTC.
func (c command) withNewKey(rights, expires string) (command, error) {
	if strings.TrimSpace(c.name) == "" {
		return command{}, errors.New("give the key a -name, such as that of the program that will use it")
	}
	var err error
	if c.rights, err = auth.ParseRights(rights); err != nil {
		return command{}, err
	}
	if expires == "" {
		return c, nil
	}
	day, err := time.Parse(time.DateOnly, expires)
	if err != nil {
		return command{}, fmt.Errorf("%q is not a day; give -expires as YYYY-MM-DD", expires)
	}
	c.expires = day.AddDate(0, 0, 1)
	return c, nil
}

// table is the name of the table of keys. CloudFormation chooses it, so that it has to be told.
func table() (string, error) {
	name := os.Getenv("APIKEYS_TABLE")
	if name == "" {
		return "", errors.New("set APIKEYS_TABLE to the table of keys: the output ApikeysTableName of the deployed stack, or start the local run first")
	}
	return name, nil
}

func (c command) run(ctx context.Context, store keyStore, now time.Time, out io.Writer) error {
	switch c.verb {
	case "make":
		return c.make(ctx, store, now, out)
	case "revoke":
		return c.revoke(ctx, store, now, out)
	}
	return list(ctx, store, now, out)
}

func (c command) make(ctx context.Context, store keyStore, now time.Time, out io.Writer) error {
	if !c.expires.IsZero() && !now.Before(c.expires) {
		return errors.New("the day of -expires has passed; no key was made")
	}
	secret := auth.NewSecret()
	key := auth.Key{Hash: auth.HashSecret(secret), Name: c.name, Rights: c.rights, Created: now, Expires: c.expires}
	if err := store.SaveAPIKey(ctx, key); err != nil {
		return fmt.Errorf("save the key: %w", err)
	}
	_, err := fmt.Fprintf(out, `%s

This is the key %q (id %s). It is shown once and cannot be shown again: store it now.
A program sends it in the header "Authorization: apikey KEY".
`, secret, key.Name, shortID(key))
	return err
}

func (c command) revoke(ctx context.Context, store keyStore, now time.Time, out io.Writer) error {
	keys, err := store.APIKeys(ctx)
	if err != nil {
		return err
	}
	var found []auth.Key
	for _, k := range keys {
		if k.Revoked.IsZero() && c.means(k) {
			found = append(found, k)
		}
	}
	switch len(found) {
	case 0:
		return errors.New("there is no such key that is not revoked yet; see key list")
	case 1:
	default:
		return errors.New("more than one key is meant, none was revoked; give the -id that key list shows")
	}
	if err := store.RevokeAPIKey(ctx, found[0].Hash, now); err != nil {
		return fmt.Errorf("revoke the key: %w", err)
	}
	_, err = fmt.Fprintf(out, "The key %q (id %s) is revoked. Functions that know it refuse it within %v.\n",
		found[0].Name, shortID(found[0]), auth.KeyAge)
	return err
}

// means reports whether the command line names the key: by its whole name, or by the beginning of its id.
func (c command) means(k auth.Key) bool {
	if c.id != "" {
		return strings.HasPrefix(k.Hash, c.id)
	}
	return k.Name == c.name
}

func list(ctx context.Context, store keyStore, now time.Time, out io.Writer) error {
	keys, err := store.APIKeys(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tRIGHTS\tCREATED\tSTATE")
	for _, k := range keys {
		rights := strings.Trim(fmt.Sprint(k.Rights), "[]")
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", shortID(k), k.Name, rights, k.Created.Format(time.DateOnly), state(k, now))
	}
	return w.Flush()
}

func state(k auth.Key, now time.Time) string {
	switch {
	case !k.Revoked.IsZero():
		return "revoked " + k.Revoked.Format(time.DateOnly)
	case !k.Valid(now):
		return "expired " + k.Expires.AddDate(0, 0, -1).Format(time.DateOnly)
	case k.Expires.IsZero():
		return "valid"
	}
	return "valid until " + k.Expires.AddDate(0, 0, -1).Format(time.DateOnly)
}

// shortID is enough of a key's hash to tell it from others. A hash is not secret: it opens nothing.
func shortID(k auth.Key) string { return k.Hash[:min(12, len(k.Hash))] }

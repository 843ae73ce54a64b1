package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/auth"
	"patrondesk/internal/dynamo/dynamotest"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// key runs a command line on the store and returns what it printed.
func key(t *testing.T, store keyStore, line string) (string, error) {
	t.Helper()
	c, err := parse(strings.Fields(line))
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = c.run(context.Background(), store, noon, &out)
	return out.String(), err
}

func TestMakeListRevoke(t *testing.T) {
	store := dynamotest.Store(t)
	out, err := key(t, store, "make -name VuFind -rights users:read,fulfilment:read -expires 2027-12-31")
	if err != nil {
		t.Fatal(err)
	}
	secret, _, _ := strings.Cut(out, "\n")
	got, err := store.APIKey(context.Background(), auth.HashSecret(secret))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.Rights, []auth.Right{auth.UsersRead, auth.FulfilmentRead}) || got.Name != "VuFind" || !got.Valid(time.Date(2027, 12, 31, 23, 0, 0, 0, time.UTC)) || got.Valid(time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v", got)
	}
	out, _ = key(t, store, "list")
	if !strings.Contains(out, "VuFind") || !strings.Contains(out, "valid until 2027-12-31") || strings.Contains(out, secret) {
		t.Errorf("list: got %s", out)
	}
	if _, err := key(t, store, "make -name VuFind -rights users:read"); err != nil {
		t.Fatal(err)
	}
	if _, err := key(t, store, "revoke -name VuFind"); err == nil {
		t.Error("a name of two keys revoked one of them")
	}
	if _, err := key(t, store, "revoke -id "+shortID(got)); err != nil {
		t.Error(err)
	}
	if got, _ = store.APIKey(context.Background(), got.Hash); got.Valid(noon) {
		t.Error("the key is still valid")
	}
	if _, err := key(t, store, "revoke -name VuFind"); err != nil {
		t.Errorf("the other key of the name: %v", err)
	}
	if _, err := key(t, store, "revoke -name VuFind"); err == nil {
		t.Error("nothing was left to revoke")
	}
}

func TestParseRefuses(t *testing.T) {
	for _, line := range []string{"", "help", "make", "make -name x", "make -name x -rights users", "make -rights users:read",
		"make -name x -rights users:read -expires 2027-02-30", "make -name x -rights users:read more", "revoke", "revoke -name x -id y", "list -all"} {
		if c, err := parse(strings.Fields(line)); err == nil {
			t.Errorf("%q: got %+v, want an error", line, c)
		}
	}
}

func TestMakeRefusesAPastDay(t *testing.T) {
	if _, err := key(t, nil, "make -name x -rights users:read -expires 2026-11-22"); err == nil {
		t.Error("want an error")
	}
}

func TestTable(t *testing.T) {
	t.Setenv("APIKEYS_TABLE", "")
	if _, err := table(); err == nil {
		t.Error("without APIKEYS_TABLE: want an error")
	}
	t.Setenv("APIKEYS_TABLE", "mine")
	if got, err := table(); got != "mine" || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
}

package sis

import (
	"time"

	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

// planner decides what a record makes of a patron. It asks no store.
type planner struct {
	profile  institution.SISProfile
	codes    patron.Codes
	scope    string      // of the role a new patron gets: the institution's code
	language patron.Code // of a record that names none
	now      func() time.Time
	newUID   func() string
	sketch   bool // what is planned is not written
}

// plan is the patron as it shall be after the record, and what is new in it. What the file says about the account, the
// password and the roles is not taken.
func (pl planner) plan(p *person) (after patron.Patron, effect patron.Effect, err error) {
	in, err := pl.incoming(p)
	if err != nil {
		return patron.Patron{}, effect, err
	}
	if p.found.UID == "" {
		after, err = pl.create(in)
		return after, effect, err
	}
	if pl.profile.ImportOnly {
		return patron.Patron{}, effect, &rejection{reason: "The patron is already there, and the profile only adds patrons."}
	}
	after, effect, err = p.found.Synchronise(in, pl.sync())
	if err != nil {
		return patron.Patron{}, effect, refusalOf(err, p.found)
	}
	if effect.None() {
		return p.found, effect, nil
	}
	after.Stamp(pl.change())
	return after, effect, refusalOf(after.Check(pl.codes), after)
}

// sync is how the profile synchronises.
func (pl planner) sync() patron.Sync {
	return patron.Sync{
		By: pl.change(), SISPreferredWins: pl.profile.SISPreferredWins,
		Language: pl.language, UserGroup: patron.Code{Value: pl.profile.DefaultUserGroup},
		Keep: pl.profile.Keeps(), Protect: pl.profile.Protect,
		ExpiryDays: pl.profile.ExpiryDays, PurgeDays: pl.profile.PurgeDays, ResetOnSameValue: pl.profile.ResetOnSameValue,
	}
}

// incoming is the record with what the profile says of it.
func (pl planner) incoming(p *person) (patron.Patron, error) {
	in := p.in
	in.AccountType, in.ExternalID = patron.External, pl.profile.Code
	in.RecordType = patron.RecordType(pl.profile.RecordType)
	if in.RecordType == "" {
		in.RecordType = patron.Public
	}
	in.Roles, in.PasswordHash, in.ForcePasswordChange = nil, "", ""
	var err error
	in.PINHash, err = pinHash(p.pin, p.found, pl.sketch)
	return in, err
}

// create is the new patron of a record; without a primary id where the record has none.
func (pl planner) create(in patron.Patron) (patron.Patron, error) {
	if pl.profile.RejectUnmatched {
		return patron.Patron{}, &rejection{reason: "No patron matches, and the profile adds none."}
	}
	out := in.AsExternal(pl.sync())
	out.UID = pl.newUID()
	out.AssignRoles(patron.Code{Value: pl.scope})
	out.Stamp(pl.change())
	checked := out
	if checked.PrimaryID == "" {
		checked.PrimaryID = out.UID // one is generated when it is written
	}
	return out, refusalOf(checked.Check(pl.codes), out)
}

func (pl planner) change() patron.Change {
	return patron.Change{By: "sis:" + pl.profile.Code, At: pl.now().UTC()}
}

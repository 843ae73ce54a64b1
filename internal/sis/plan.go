package sis

import (
	"time"

	"patrondesk/internal/institution"
	"patrondesk/internal/patron"
)

// planner decides what a record makes of a patron. It asks no store.
type planner struct {
	profile institution.SISProfile
	codes   patron.Codes
	scope   string // of the role a new patron gets: the institution's code
	sync    patron.Sync
	now     func() time.Time
	newUID  func() string
}

// plan is the patron as it shall be after the record, and whether that is anything new. What the file says about the
// account, the password and the roles is not taken.
func (pl planner) plan(p *person) (after patron.Patron, changed bool, err error) {
	in, err := pl.incoming(p)
	if err != nil {
		return patron.Patron{}, false, err
	}
	if p.found.UID == "" {
		after, err = pl.create(in)
		return after, true, err
	}
	if pl.profile.ImportOnly {
		return patron.Patron{}, false, &rejection{reason: "The patron is already there, and the profile only adds patrons."}
	}
	after, changed, err = p.found.Synchronise(in, pl.sync)
	if err != nil {
		return patron.Patron{}, false, refusalOf(err, p.found)
	}
	if !changed {
		return p.found, false, nil
	}
	after.Stamp(pl.change())
	return after, true, refusalOf(after.Check(pl.codes), after)
}

// incoming is the record with what the profile says of it.
func (pl planner) incoming(p *person) (patron.Patron, error) {
	in := p.in
	in.AccountType, in.ExternalID = patron.External, pl.profile.Code
	in.RecordType = patron.RecordType(pl.profile.RecordType)
	if in.RecordType == "" {
		in.RecordType = patron.Public
	}
	if in.Status == "" {
		in.Status = patron.Active
	}
	if in.UserGroup.Value == "" {
		in.UserGroup.Value = pl.profile.DefaultUserGroup
	}
	in.Roles, in.PasswordHash, in.ForcePasswordChange = nil, "", ""
	var err error
	in.PINHash, err = pinHash(p.pin, p.found)
	return in, err
}

// create is the new patron of a record; without a primary id where the record has none.
func (pl planner) create(in patron.Patron) (patron.Patron, error) {
	if pl.profile.RejectUnmatched {
		return patron.Patron{}, &rejection{reason: "No patron matches, and the profile adds none."}
	}
	out := in.AsExternal(pl.sync)
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

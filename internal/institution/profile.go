package institution

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"slices"
	"strings"

	"patrondesk/internal/patron"
)

// SISProfile is one source of external patrons. Its Code is the external_id of the records it owns.
type SISProfile struct {
	Code       string `json:"code"`
	Name       string `json:"name"`
	RecordType string `json:"record_type"` // PUBLIC, STAFF or CONTACT; PUBLIC by default
	// MatchType is the identifier type records are matched by; empty for the primary identifier.
	MatchType string `json:"match_type,omitempty"`
	// RejectUnmatched refuses records of people the library does not know instead of adding them.
	RejectUnmatched bool `json:"reject_unmatched,omitempty"`
	// ImportOnly creates and never changes (Alma's Import action); otherwise the profile synchronises.
	ImportOnly bool `json:"import_only,omitempty"`
	// SISPreferredWins lets the SIS's preferred address, e-mail or phone win over the one staff preferred.
	SISPreferredWins bool `json:"sis_preferred_wins,omitempty"`
	// DefaultUserGroup is that of a patron whose record names none.
	DefaultUserGroup string `json:"default_user_group,omitempty"`

	// CSV tells how files that are no XML are read; none when the profile has only XML.
	CSV *CSV `json:"csv,omitempty"`

	// Blank tells what it means that a record leaves a group of fields blank: "clear" deletes what there is, which is
	// Alma's rule and the default, and "keep" leaves it. The groups are core, sticky, addresses, emails, phones,
	// identifiers, notes, blocks and statistics. In core and sticky each field counts for itself; of the others, that a
	// record has none of the kind.
	Blank map[string]string `json:"blank,omitempty"`
	// Protect are wire names of core and sticky fields, such as expiry_date or user_group, or groups as in Blank, that a
	// synchronisation gives to a new patron and never changes afterwards.
	Protect []string `json:"protect,omitempty"`
	// Missing tells what happens to the profile's people whom a full file lacks: nothing when it is empty, and
	// "inactivate" sets their status to INACTIVE. Nobody is ever deleted.
	Missing string `json:"missing,omitempty"`
	// ExpiryDays is how many days after the import a new patron expires whose record names no expiry date; PurgeDays how
	// many days after the expiry date one may be purged whose record names no purge date. 0 gives no date. Where there is
	// such a default, a record without the date leaves a patron's own as it is, save that a purge date moves behind a
	// later expiry date.
	ExpiryDays int `json:"expiry_days,omitempty"`
	PurgeDays  int `json:"purge_days,omitempty"`
	// Notify are the e-mail addresses that get the summary of each job.
	Notify []string `json:"notify,omitempty"`
	// Brake holds a file that would change too much.
	Brake Brake `json:"brake"`
	// AcceptOlder lets a file be applied that is older than one already applied.
	AcceptOlder bool `json:"accept_older,omitempty"`
	// ResetOnSameValue ends the protection of a sticky field that staff changed, when a record says again what the SIS had
	// said before the change, as Alma's knowledge base told it in 2022. A daily full file does so the next day.
	ResetOnSameValue bool `json:"reset_on_same_value,omitempty"`
}

// Brake holds a full file before the first write when it would go over a share, from 0 to 1, of the people it concerns;
// 1 switches the measure off. Measures of fewer than Minimum people hold nothing.
type Brake struct {
	BlankedEmails    float64 `json:"blanked_emails"`
	BlankedAddresses float64 `json:"blanked_addresses"`
	Inactivated      float64 `json:"inactivated"`
	Identifiers      float64 `json:"identifiers"` // removed, or with another value
	Rejected         float64 `json:"rejected"`    // of the records
	Minimum          int     `json:"minimum"`
}

// DefaultBrake is that of a profile that gives none; each measure a profile leaves out is as here.
func DefaultBrake() Brake {
	return Brake{BlankedEmails: 0.05, BlankedAddresses: 0.05, Inactivated: 0.05, Identifiers: 0.05, Rejected: 0.2, Minimum: 50}
}

// The values of Blank and of Missing.
const (
	clears     = "clear"
	keeps      = "keep"
	Inactivate = "inactivate"
)

// UnmarshalJSON reads a profile over its defaults, and refuses unknown settings.
func (p *SISProfile) UnmarshalJSON(data []byte) error {
	type plain SISProfile
	read := plain{Brake: DefaultBrake()}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&read); err != nil {
		return err
	}
	*p = SISProfile(read)
	return nil
}

// Keeps are the groups of fields in which what a record leaves blank stays, in alphabetical order.
func (p SISProfile) Keeps() []string {
	groups := slices.Sorted(maps.Keys(p.Blank))
	return slices.DeleteFunc(groups, func(group string) bool { return p.Blank[group] != keeps })
}

// check refuses what contradicts itself, in words for whoever wrote it.
func (p SISProfile) check() error {
	err := errors.Join(p.checkBlank(), p.checkProtect(), p.checkMissing(), p.checkNotify(), p.Brake.check())
	if p.CSV != nil {
		err = errors.Join(err, p.CSV.Check())
	}
	return err
}

func (p SISProfile) checkBlank() error {
	for _, group := range slices.Sorted(maps.Keys(p.Blank)) {
		if !slices.Contains(patron.Groups(), group) {
			return fmt.Errorf("blank has the group %q; the groups are %s", group, strings.Join(patron.Groups(), ", "))
		}
		if rule := p.Blank[group]; rule != clears && rule != keeps {
			return fmt.Errorf("blank gives %s the rule %q; the rules are clear and keep", group, rule)
		}
	}
	return nil
}

func (p SISProfile) checkProtect() error {
	known := slices.Concat(patron.Groups(), patron.CoreNames(), patron.StickyNames())
	for _, name := range p.Protect {
		if !slices.Contains(known, name) {
			return fmt.Errorf("protect names %q, which is neither a group nor a core or sticky field; there are %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

func (p SISProfile) checkMissing() error {
	switch {
	case p.Missing != "" && p.Missing != Inactivate:
		return fmt.Errorf("missing is %q; leave it out, or give inactivate", p.Missing)
	case p.Missing == Inactivate && p.ImportOnly:
		return errors.New("missing is inactivate, and import_only says that nobody is changed; give one of them")
	case p.ExpiryDays < 0 || p.PurgeDays < 0:
		return errors.New("expiry_days and purge_days must not be negative")
	}
	return nil
}

func (p SISProfile) checkNotify() error {
	for _, address := range p.Notify {
		if parsed, err := mail.ParseAddress(address); err != nil || parsed.Address != address {
			return fmt.Errorf("notify has %q, which is no e-mail address; give it bare, as in registrar@university.example", address)
		}
	}
	return nil
}

func (b Brake) check() error {
	for _, m := range []struct {
		name  string
		share float64
	}{
		{"blanked_emails", b.BlankedEmails}, {"blanked_addresses", b.BlankedAddresses}, {"inactivated", b.Inactivated},
		{"identifiers", b.Identifiers}, {"rejected", b.Rejected},
	} {
		if !(m.share >= 0 && m.share <= 1) {
			return fmt.Errorf("brake.%s is %g; it must be a share from 0 to 1, such as 0.05, and 1 switches it off", m.name, m.share)
		}
	}
	if b.Minimum < 0 {
		return errors.New("brake.minimum must not be negative")
	}
	return nil
}

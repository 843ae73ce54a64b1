package institution

import (
	"fmt"
	"slices"
	"time"

	"golang.org/x/text/currency"

	"patrondesk/internal/fulfillment"
)

// What holds where the settings leave it open.
const (
	defaultLoanDays  = 28
	defaultRenewals  = 3
	defaultShelfDays = 7
	defaultCurrency  = "USD"
)

// The settings answer what the rules of lending ask.
var _ fulfillment.Rules = (*Institution)(nil)

// Policy is the first policy for the user group, the item's policy and the library that owns it. Where there is none,
// items are lent for 28 days and renewed three times.
func (i *Institution) Policy(userGroup, itemPolicy, library string) fulfillment.Policy {
	for _, p := range i.LoanPolicies {
		if isFor(p.UserGroups, userGroup) && isFor(p.ItemPolicies, itemPolicy) && isFor(p.Libraries, library) {
			return p
		}
	}
	return fulfillment.Policy{Name: "default", Days: defaultLoanDays, Renewals: defaultRenewals}
}

// Limits are the first ones for the user group. Where there are none, nothing is limited.
func (i *Institution) Limits(userGroup string) fulfillment.Limits {
	for _, l := range i.LoanLimits {
		if isFor(l.UserGroups, userGroup) {
			return l
		}
	}
	return fulfillment.Limits{}
}

// isFor reports whether a list of codes has one; an empty list is for all.
func isFor(list []string, code string) bool { return len(list) == 0 || slices.Contains(list, code) }

// Calendar is when a library is open. One that is not known is open at all times, on the institution's clocks.
func (i *Institution) Calendar(library string) fulfillment.Calendar {
	if c, ok := i.calendars[library]; ok {
		return c
	}
	return i.calendars[""]
}

// ShelfDays is for how many days an item waits on the hold shelf of a library.
func (i *Institution) ShelfDays(library string) int {
	if l, ok := i.Library(library); ok {
		return l.ShelfDays
	}
	return defaultShelfDays
}

// MoneyText is an amount in the institution's currency: "12.50 GBP".
func (i *Institution) MoneyText(m fulfillment.Money) string {
	return m.Decimal(i.decimals) + " " + i.Currency
}

// Decimals is how many decimal places amounts in the institution's currency have. Amounts are stored without them: a
// change of the currency changes what every stored amount is worth.
func (i *Institution) Decimals() int { return i.decimals }

// CurrencyCode is the institution's currency, with its decimal places.
func (i *Institution) CurrencyCode() (code string, places int) { return i.Currency, i.decimals }

// completeLending fills in what the file left out of the settings for lending, and reads the calendars.
func (i *Institution) completeLending() error {
	setDefault(&i.Currency, defaultCurrency)
	unit, err := currency.ParseISO(i.Currency)
	if err != nil || unit.String() != i.Currency || unit == currency.XXX || unit == currency.XTS {
		return fmt.Errorf("currency %q is none of ISO 4217, such as GBP", i.Currency)
	}
	i.decimals, _ = currency.Standard.Rounding(unit)
	zone, err := time.LoadLocation(i.TimeZone)
	if err != nil {
		return fmt.Errorf("time_zone %q is unknown", i.TimeZone)
	}
	i.calendars = map[string]fulfillment.Calendar{"": {Zone: zone}}
	for n := range i.Libraries {
		l := &i.Libraries[n]
		l.complete(i.TimeZone)
		if i.calendars[l.Code], err = l.calendar(); err != nil {
			return fmt.Errorf("libraries: %s: %w", l.Code, err)
		}
	}
	for n := range i.LoanPolicies {
		if p := &i.LoanPolicies[n]; p.Days == 0 && p.Hours == 0 && !p.NotLoanable {
			p.Days = defaultLoanDays
		}
	}
	return nil
}

func (l *Library) complete(zone string) {
	setDefault(&l.TimeZone, zone)
	for n := range l.Closed {
		setDefault(&l.Closed[n].Last, l.Closed[n].First)
	}
	if l.ShelfDays == 0 {
		l.ShelfDays = defaultShelfDays
	}
}

package institution

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"patrondesk/internal/fulfillment"
)

// What a setting for lending may be at most: a mistake is likelier than more.
const (
	mostDays     = 3650
	mostHours    = 365 * 24
	mostShelf    = 365
	mostRenewals = 1000
	mostLoans    = 10_000
	mostMoney    = 1_000_000_000 // in the minor unit
)

// checkLending refuses settings for lending that contradict themselves, each with its name.
func (i *Institution) checkLending() error {
	var bad []error
	for _, l := range i.Libraries {
		if err := within("shelf_days", l.ShelfDays, mostShelf); err != nil {
			bad = append(bad, fmt.Errorf("libraries: %s: %w", l.Code, err))
		}
	}
	return errors.Join(errors.Join(bad...), i.checkPolicies(), i.checkLimits())
}

func (i *Institution) checkPolicies() error {
	var bad []error
	seen := map[string]bool{}
	for n, p := range i.LoanPolicies {
		if p.Name == "" || seen[p.Name] {
			bad = append(bad, fmt.Errorf("loan_policies: the name %q is empty or given twice", p.Name))
		}
		seen[p.Name] = true
		if err := cmp.Or(i.checkFor(p), checkPeriod(p), checkFine(p), checkNumbers(p)); err != nil {
			bad = append(bad, fmt.Errorf("loan_policies: %s: %w", p.Name, err))
		}
		if before := slices.IndexFunc(i.LoanPolicies[:n], func(q fulfillment.Policy) bool { return hides(q, p) }); before >= 0 {
			bad = append(bad, fmt.Errorf("loan_policies: %s never holds, because %s stands before it", p.Name, i.LoanPolicies[before].Name))
		}
	}
	return errors.Join(bad...)
}

// checkFor looks at whom and what a policy is for.
func (i *Institution) checkFor(p fulfillment.Policy) error {
	for _, code := range p.ItemPolicies {
		if !i.Legal("ItemPolicy", code) {
			return fmt.Errorf("item_policies has %q, which is not in the code table ItemPolicy", code)
		}
	}
	for _, code := range p.Libraries {
		if _, ok := i.Library(code); !ok {
			return fmt.Errorf("libraries has %q, and there is no such library", code)
		}
	}
	return i.checkGroups(p.UserGroups)
}

func (i *Institution) checkGroups(codes []string) error {
	for _, code := range codes {
		if !i.Legal("UserGroups", code) {
			return fmt.Errorf("user_groups has %q, which is not in the code table UserGroups", code)
		}
	}
	return nil
}

// hides reports whether every loan that a policy is for is one an earlier policy is for.
func hides(earlier, p fulfillment.Policy) bool {
	return covers(earlier.UserGroups, p.UserGroups) && covers(earlier.ItemPolicies, p.ItemPolicies) && covers(earlier.Libraries, p.Libraries)
}

// covers reports whether a list of codes is for all that another is for.
func covers(list, other []string) bool {
	missing := func(code string) bool { return !slices.Contains(list, code) }
	return len(list) == 0 || len(other) > 0 && !slices.ContainsFunc(other, missing)
}

func checkPeriod(p fulfillment.Policy) error {
	if p.Days > 0 && p.Hours > 0 {
		return errors.New("it has days and hours; give one of them")
	}
	for n, day := range p.FixedDue {
		switch {
		case !isDay(day):
			return fmt.Errorf("fixed_due has %q, which is no day such as 2026-12-18", day)
		case n > 0 && day <= p.FixedDue[n-1]:
			return fmt.Errorf("fixed_due has %s behind %s; give the days in order", day, p.FixedDue[n-1])
		}
	}
	return nil
}

func checkFine(p fulfillment.Policy) error {
	switch f := p.Fine; {
	case f.PerDay > 0 && f.PerHour > 0:
		return errors.New("fine has per_day and per_hour; give one of them")
	case f.PerHour > 0 && p.Hours == 0:
		return errors.New("fine.per_hour is for loans of hours, and the policy has none")
	case f.PerHour > 0 && f.GraceDays > 0:
		return errors.New("fine.grace_days are for fines per_day, and it is per_hour")
	}
	return nil
}

func checkNumbers(p fulfillment.Policy) error {
	return cmp.Or(
		within("days", p.Days, mostDays), within("hours", p.Hours, mostHours),
		within("renewals", p.Renewals, mostRenewals), within("renew_days", p.RenewDays, mostDays),
		within("fine.per_day", p.Fine.PerDay, mostMoney), within("fine.per_hour", p.Fine.PerHour, mostMoney),
		within("fine.cap", p.Fine.Cap, mostMoney), within("fine.grace_days", p.Fine.GraceDays, mostDays),
		within("lost.replacement", p.Lost.Replacement, mostMoney), within("lost.processing", p.Lost.Processing, mostMoney),
		within("recall.days", p.Recall.Days, mostDays), within("recall.keep_days", p.Recall.KeepDays, mostDays),
	)
}

func (i *Institution) checkLimits() error {
	var bad []error
	for n, l := range i.LoanLimits {
		err := cmp.Or(i.checkGroups(l.UserGroups), within("loans", l.Loans, mostLoans), within("overdue", l.Overdue, mostLoans),
			within("fees", l.Fees, mostMoney))
		if err != nil {
			bad = append(bad, fmt.Errorf("loan_limits: entry %d: %w", n+1, err))
		}
		before := slices.IndexFunc(i.LoanLimits[:n], func(m fulfillment.Limits) bool { return covers(m.UserGroups, l.UserGroups) })
		if before >= 0 {
			bad = append(bad, fmt.Errorf("loan_limits: entry %d never holds, because entry %d stands before it", n+1, before+1))
		}
	}
	return errors.Join(bad...)
}

// within refuses a number below zero, or above what the setting may be.
func within[T int | fulfillment.Money](setting string, value, most T) error {
	if value < 0 || value > most {
		return fmt.Errorf("%s is %d; it must be from 0 to %d", setting, value, most)
	}
	return nil
}

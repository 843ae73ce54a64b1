package institution

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"patrondesk/internal/fulfillment"
)

// readAll reads settings.
func readAll(t *testing.T, settings string) (*Institution, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "institution.json")
	if err := os.WriteFile(path, []byte(settings), 0o600); err != nil {
		t.Fatal(err)
	}
	return Read(path)
}

func TestLendingDefaults(t *testing.T) {
	inst, err := readAll(t, `{"time_zone":"Europe/London","libraries":[{"code":"MAIN"}],"loan_policies":[{"name":"A","user_groups":["01"]},{"name":"B","user_groups":["02"],"not_loanable":true}]}`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := inst.Policy("03", "SHORT", "MAIN"), (fulfillment.Policy{Name: "default", Days: 28, Renewals: 3}); !reflect.DeepEqual(got, want) {
		t.Errorf("no policy: got %+v, want %+v", got, want)
	}
	if p := inst.Policy("01", "", ""); p.Name != "A" || p.Days != 28 || p.Renewals != 0 {
		t.Errorf("a policy without a period: got %+v", p)
	}
	if p := inst.Policy("02", "", ""); p.Days != 0 {
		t.Errorf("not loanable: got %+v", p)
	}
	if got := inst.Limits("01"); !reflect.DeepEqual(got, fulfillment.Limits{}) {
		t.Errorf("limits: got %+v", got)
	}
	for _, library := range []string{"MAIN", "GONE"} {
		c := inst.Calendar(library)
		if c.Week != nil || c.Exceptions != nil || c.Zone.String() != "Europe/London" || inst.ShelfDays(library) != 7 {
			t.Errorf("%s: got %+v, %d days on the shelf", library, c, inst.ShelfDays(library))
		}
	}
	if got := inst.LettersPerSecond(); got != 5 {
		t.Errorf("letters per second: got %g", got)
	}
	if code, places := inst.CurrencyCode(); code != "USD" || places != 2 || inst.Decimals() != 2 || inst.MoneyText(-5) != "-0.05 USD" {
		t.Errorf("currency: got %s, %d, %s", code, places, inst.MoneyText(-5))
	}
}

func TestCalendarOfLibrary(t *testing.T) {
	inst, err := readAll(t, `{"libraries":[{"code":"MAIN","time_zone":"America/New_York","shelf_days":3,
		"hours":{"monday":["09:00-12:30","12:30-24:00"],"saturday":[],"sunday":["00:00-02:00"]},
		"closed":[{"first":"2026-12-24"},{"first":"2026-12-20","last":"2027-01-06","name":"Winter","hours":["10:00-15:00"]}]}]}`)
	if err != nil {
		t.Fatal(err)
	}
	got := inst.Calendar("MAIN")
	if zone := got.Zone.String(); zone != "America/New_York" || inst.ShelfDays("MAIN") != 3 {
		t.Errorf("got %s and %d days", zone, inst.ShelfDays("MAIN"))
	}
	if want := (&[7][]fulfillment.Hours{0: {{From: 0, To: 120}}, 1: {{From: 540, To: 750}, {From: 750, To: 1440}}}); !reflect.DeepEqual(got.Week, want) {
		t.Errorf("got %v, want %v", got.Week, want)
	}
	want := []fulfillment.Exception{
		{First: "2026-12-24", Last: "2026-12-24"},
		{First: "2026-12-20", Last: "2027-01-06", Hours: []fulfillment.Hours{{From: 600, To: 900}}},
	}
	if !reflect.DeepEqual(got.Exceptions, want) {
		t.Errorf("got %v, want %v", got.Exceptions, want)
	}
}

func TestPolicyThatHolds(t *testing.T) {
	inst, err := readAll(t, `{"libraries":[{"code":"MAIN"},{"code":"SCIENCE"}],"loan_policies":[
		{"name":"short","item_policies":["SHORT"]},
		{"name":"staff at MAIN","user_groups":["03","08"],"libraries":["MAIN"]},
		{"name":"staff","user_groups":["03","08"]},
		{"name":"all"}],
		"loan_limits":[{"user_groups":["03"],"loans":60},{"fees":500}]}`)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ group, item, library, want string }{
		{"03", "SHORT", "MAIN", "short"},
		{"03", "WEEK", "MAIN", "staff at MAIN"},
		{"08", "", "SCIENCE", "staff"},
		{"01", "", "SCIENCE", "all"},
		{"", "", "", "all"},
	} {
		if got := inst.Policy(tt.group, tt.item, tt.library).Name; got != tt.want {
			t.Errorf("group %s, item policy %s, library %s: got %s, want %s", tt.group, tt.item, tt.library, got, tt.want)
		}
	}
	if staff, other := inst.Limits("03"), inst.Limits("01"); staff.Loans != 60 || staff.Fees != 0 || other.Loans != 0 || other.Fees != 500 {
		t.Errorf("got %+v and %+v", staff, other)
	}
}

func TestLendingIsChecked(t *testing.T) {
	library := func(settings string) string { return `"libraries":[{"code":"MAIN",` + settings + `}]` }
	policy := func(settings string) string { return `"loan_policies":[{"name":"P",` + settings + `}]` }
	for settings, want := range map[string]string{
		`"currency":"Pound"`:                  `currency "Pound" is none of ISO 4217, such as GBP`,
		`"currency":"gbp"`:                    `currency "gbp" is none`,
		`"currency":"XXX"`:                    `currency "XXX" is none`,
		`"time_zone":"Europe/Atlantis"`:       `time_zone "Europe/Atlantis" is unknown`,
		library(`"time_zone":"Mars/Olympus"`): `libraries: MAIN: time_zone "Mars/Olympus" is unknown`,
		library(`"shelf_days":-1`):            `libraries: MAIN: shelf_days is -1; it must be from 0 to 365`,
		library(`"shelves":7`):                `unknown field "shelves"`,

		`"letters":{"per_second":-1}`:   `letters.per_second is -1; it must be from 0 to 1000`,
		`"letters":{"per_second":2000}`: `letters.per_second is 2000`,

		library(`"hours":{}`):                                       `libraries: MAIN: hours: no day is named; leave the setting out`,
		library(`"hours":{"mon":["09:00-17:00"]}`):                  `libraries: MAIN: hours: there is no day "mon"; the days are sunday, monday`,
		library(`"hours":{"Monday":["09:00-17:00"]}`):               `there is no day "Monday"`,
		library(`"hours":{"monday":["9-17"]}`):                      `libraries: MAIN: hours: monday: "9-17" are no hours such as 09:00-12:30`,
		library(`"hours":{"monday":["9:00-17:00"]}`):                `"9:00-17:00" are no hours`,
		library(`"hours":{"monday":["09:00"]}`):                     `"09:00" are no hours`,
		library(`"hours":{"monday":["09:00-24:30"]}`):               `"09:00-24:30" are no hours`,
		library(`"hours":{"monday":[""]}`):                          `"" are no hours`,
		library(`"hours":{"friday":["20:00-02:00"]}`):               `hours: friday: "20:00-02:00" ends before it begins`,
		library(`"hours":{"friday":["09:00-09:00"]}`):               `"09:00-09:00" ends before it begins`,
		library(`"hours":{"friday":["09:00-13:00","12:00-17:00"]}`): `hours: friday: "12:00-17:00" begins before "09:00-13:00" ends`,
		library(`"hours":{"friday":["13:00-17:00","09:00-12:00"]}`): `"09:00-12:00" begins before "13:00-17:00" ends`,

		library(`"closed":[{"name":"Christmas"}]`):                                         `libraries: MAIN: closed: "" is no day such as 2026-12-24`,
		library(`"closed":[{"first":"24.12.2026"}]`):                                       `closed: "24.12.2026" is no day`,
		library(`"closed":[{"first":"2026-12-24","last":"2026-12-32"}]`):                   `closed: "2026-12-32" is no day`,
		library(`"closed":[{"first":"2026-12-24","last":"2026-01-01"}]`):                   `closed: the last day 2026-01-01 is before the first, 2026-12-24`,
		library(`"closed":[{"first":"2026-12-23","hours":["10:00-8:00"]}]`):                `closed: 2026-12-23: "10:00-8:00" are no hours`,
		library(`"closed":[{"first":"2026-12-23","hours":["10:00-12:00","11:00-13:00"]}]`): `"11:00-13:00" begins before "10:00-12:00" ends`,

		`"loan_policies":[{"days":1}]`:                                `loan_policies: the name "" is empty or given twice`,
		`"loan_policies":[{"name":"A"},{"name":"A"}]`:                 `loan_policies: the name "A" is empty or given twice`,
		`"loan_policies":[{"name":"A"},{"name":"B"}]`:                 `loan_policies: B never holds, because A stands before it`,
		policy(`"day":7`):                                             `unknown field "day"`,
		policy(`"days":7,"hours":4`):                                  `loan_policies: P: it has days and hours; give one of them`,
		policy(`"days":-7`):                                           `loan_policies: P: days is -7; it must be from 0 to 3650`,
		policy(`"days":36500`):                                        `days is 36500`,
		policy(`"hours":-1`):                                          `hours is -1; it must be from 0 to 8760`,
		policy(`"renewals":-1`):                                       `renewals is -1; it must be from 0 to 1000`,
		policy(`"renew_days":-1`):                                     `renew_days is -1`,
		policy(`"user_groups":["77"]`):                                `loan_policies: P: user_groups has "77", which is not in the code table UserGroups`,
		policy(`"item_policies":["LONG"]`) + `,` + onlyShort:          `loan_policies: P: item_policies has "LONG", which is not in the code table ItemPolicy`,
		policy(`"libraries":["LAW"]`):                                 `loan_policies: P: libraries has "LAW", and there is no such library`,
		policy(`"fixed_due":["18 December"]`):                         `loan_policies: P: fixed_due has "18 December", which is no day such as 2026-12-18`,
		policy(`"fixed_due":["2026-12-18","2026-06-18"]`):             `fixed_due has 2026-06-18 behind 2026-12-18; give the days in order`,
		policy(`"fixed_due":["2026-12-18","2026-12-18"]`):             `give the days in order`,
		policy(`"fine":{"per_day":-1}`):                               `loan_policies: P: fine.per_day is -1; it must be from 0 to 1000000000`,
		policy(`"hours":4,"fine":{"per_hour":-1}`):                    `fine.per_hour is -1`,
		policy(`"fine":{"cap":-1}`):                                   `fine.cap is -1`,
		policy(`"fine":{"cap":10000000000}`):                          `fine.cap is 10000000000`,
		policy(`"fine":{"per_day":0.5}`):                              `cannot unmarshal number 0.5`,
		policy(`"fine":{"grace_days":-1}`):                            `fine.grace_days is -1`,
		policy(`"hours":4,"fine":{"per_day":1,"per_hour":1}`):         `fine has per_day and per_hour; give one of them`,
		policy(`"days":4,"fine":{"per_hour":1}`):                      `fine.per_hour is for loans of hours, and the policy has none`,
		policy(`"hours":4,"fine":{"per_hour":1,"grace_days":1}`):      `fine.grace_days are for fines per_day, and it is per_hour`,
		policy(`"lost":{"replacement":-1}`):                           `lost.replacement is -1`,
		policy(`"lost":{"processing":-1}`):                            `lost.processing is -1`,
		policy(`"recall":{"days":-1}`):                                `recall.days is -1`,
		policy(`"recall":{"keep_days":-1}`):                           `recall.keep_days is -1`,
		`"loan_limits":[{"user_groups":["01"]},{"user_groups":[""]}]`: `loan_limits: entry 2: user_groups has "", which is not in the code table UserGroups`,
		`"loan_limits":[{"loans":-1}]`:                                `loan_limits: entry 1: loans is -1; it must be from 0 to 10000`,
		`"loan_limits":[{"overdue":-1}]`:                              `entry 1: overdue is -1`,
		`"loan_limits":[{"fees":-1}]`:                                 `entry 1: fees is -1`,
		`"loan_limits":[{"loans":9},{"user_groups":["01"]}]`:          `loan_limits: entry 2 never holds, because entry 1 stands before it`,
	} {
		_, err := readAll(t, "{"+settings+"}")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", settings, err, want)
		}
	}
}

const onlyShort = `"code_tables":{"ItemPolicy":[{"code":"SHORT","description":"Four hours"}]}`

// TestEveryMistakeIsTold gives two policies and a limit with a mistake each.
func TestEveryMistakeIsTold(t *testing.T) {
	_, err := readAll(t, `{"loan_policies":[{"name":"A","days":-1,"user_groups":["01"]},{"name":"B","hours":-1}],"loan_limits":[{"fees":-1}]}`)
	for _, want := range []string{"loan_policies: A: days", "loan_policies: B: hours", "loan_limits: entry 1: fees"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestHides tells which policies never hold because of an earlier one.
func TestHides(t *testing.T) {
	all, students := fulfillment.Policy{}, fulfillment.Policy{UserGroups: []string{"01", "02"}}
	first := fulfillment.Policy{UserGroups: []string{"01"}, ItemPolicies: []string{"SHORT"}}
	for _, tt := range []struct {
		earlier, p fulfillment.Policy
		want       bool
	}{
		{all, all, true}, {all, first, true}, {students, first, true},
		{students, all, false}, {first, students, false},
		{first, fulfillment.Policy{UserGroups: []string{"01"}}, false},
		{students, fulfillment.Policy{UserGroups: []string{"02", "03"}}, false},
	} {
		if got := hides(tt.earlier, tt.p); got != tt.want {
			t.Errorf("%+v hides %+v: got %v", tt.earlier, tt.p, got)
		}
	}
}

// TestDecimalsStay holds the decimal places of currencies that do not have two: amounts are stored in the minor unit, so
// that other tables in a later version of the library that knows currencies would change what is owed.
func TestDecimalsStay(t *testing.T) {
	for want, codes := range map[int]string{
		0: "JPY KRW CLP ISK COP IDR RSD UGX RWF VND PYG IQD IRR LBP PKR MGA XAF XOF XPF",
		2: "USD EUR GBP CHF CZK HUF PLN TWD CRC BRL INR ZAR",
		3: "BHD JOD KWD LYD OMR TND",
	} {
		for _, code := range strings.Fields(codes) {
			inst, err := readAll(t, `{"currency":"`+code+`"}`)
			if err != nil || inst.Decimals() != want {
				t.Errorf("%s: got %d, %v; want %d", code, inst.Decimals(), err, want)
			}
		}
	}
}

// TestDemoLending reads the demo library's settings.
func TestDemoLending(t *testing.T) {
	inst, err := Read(filepath.Join("..", "..", "infra", "institution.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		group, item, library, lent string
		policy, due                string
	}{
		{"01", "", "MAIN", "2026-11-23T10:00:00Z", "NORMAL", "2026-12-21T23:59:00Z"},
		{"01", "", "MAIN", "2026-11-26T10:00:00Z", "NORMAL", "2027-01-02T23:59:00Z"},
		{"01", "", "SCIENCE", "2026-11-26T10:00:00Z", "NORMAL", "2027-01-04T23:59:00Z"},
		{"08", "", "MAIN", "2026-11-23T10:00:00Z", "LONG", "2027-02-21T23:59:00Z"},
		{"08", "RESERVE", "MAIN", "2026-11-23T10:00:00Z", "SHORT", "2026-11-23T14:00:00Z"},
		{"01", "RESERVE", "MAIN", "2026-11-23T20:00:00Z", "SHORT", "2026-11-24T08:30:00Z"},
		{"01", "LAPTOP", "SCIENCE", "2026-11-27T10:00:00Z", "LAPTOP", "2026-11-30T23:59:00Z"},
		{"05", "WEEK", "SCIENCE", "2026-11-23T10:00:00Z", "WEEK", "2026-11-30T23:59:00Z"},
	} {
		p := inst.Policy(tt.group, tt.item, tt.library)
		lent, _ := time.Parse(time.RFC3339, tt.lent)
		if got := p.Due(lent, inst.Calendar(tt.library)).Format(time.RFC3339); p.Name != tt.policy || got != tt.due {
			t.Errorf("%s %s %s at %s: got %s, due %s; want %s, %s", tt.group, tt.item, tt.library, tt.lent, p.Name, got, tt.policy, tt.due)
		}
	}
	if !inst.Policy("01", "IN_LIBRARY", "MAIN").NotLoanable || inst.Limits("02").Loans != 20 || inst.MoneyText(2000) != "20.00 GBP" {
		t.Errorf("got %+v, %+v, %s", inst.Policy("01", "IN_LIBRARY", "MAIN"), inst.Limits("02"), inst.MoneyText(2000))
	}
}

// TestTablesOfLending holds that the code tables have every code that lending itself makes.
func TestTablesOfLending(t *testing.T) {
	inst, err := readAll(t, "{}")
	if err != nil {
		t.Fatal(err)
	}
	for table, codes := range map[string][]string{
		"FineFeeTransactionType": {string(fulfillment.OverdueFine), string(fulfillment.LostReplacement), string(fulfillment.LostProcessing)},
		"FeeStatus":              {string(fulfillment.FeeActive), string(fulfillment.FeeInDispute), string(fulfillment.FeeClosed)},
		"PaymentMethod":          {"CREDIT_CARD", "ONLINE", "CASH"},
		"HItemLoan.processStatus": {string(fulfillment.Normal), string(fulfillment.Renewed), string(fulfillment.Recalled), string(fulfillment.Lost),
			string(fulfillment.ClaimedReturned)},
	} {
		rows, _ := inst.Table(table)
		for _, code := range codes {
			if !slices.ContainsFunc(rows, func(r Row) bool { return r.Code == code && r.Description != "" }) {
				t.Errorf("%s does not have %s", table, code)
			}
		}
	}
}

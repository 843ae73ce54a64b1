package fulfillment

// Policy is on which terms items are lent (in Alma: terms of use). Of an institution's policies the first one that is
// for the patron's user group, the item's policy and its library holds; an empty list is for all.
type Policy struct {
	Name         string   `json:"name"`
	UserGroups   []string `json:"user_groups,omitempty"`
	ItemPolicies []string `json:"item_policies,omitempty"`
	Libraries    []string `json:"libraries,omitempty"` // that own the item

	NotLoanable bool `json:"not_loanable,omitempty"`
	// Days or Hours is how long an item is lent. A loan of days ends with the last day, one of hours at the minute.
	Days  int `json:"days,omitempty"`
	Hours int `json:"hours,omitempty"`
	// FixedDue are days, YYYY-MM-DD in order, after the first of which no loan made before it ends; the end of a term.
	FixedDue []string `json:"fixed_due,omitempty"`
	// Renewals is how often a loan may be renewed, and RenewDays for how many days after it was lent at most; 0 sets no
	// such end.
	Renewals  int `json:"renewals,omitempty"`
	RenewDays int `json:"renew_days,omitempty"`

	Fine   FineRule   `json:"fine,omitzero"`
	Lost   LostRule   `json:"lost,omitzero"`
	Recall RecallRule `json:"recall,omitzero"`
}

// FineRule is what is owed for returning an item late. It has one rate at most, and is for loans of hours when that is
// PerHour.
type FineRule struct {
	PerDay  Money `json:"per_day,omitempty"`  // for each day begun after the due date
	PerHour Money `json:"per_hour,omitempty"` // for each hour begun, of a loan of hours
	Cap     Money `json:"cap,omitempty"`      // the most for one loan; 0 for no such bound
	// GraceDays are days late that cost nothing; who comes later pays for them too. There are none with PerHour.
	GraceDays int `json:"grace_days,omitempty"`
	// ClosedDays says that days and hours in which the library is closed count too.
	ClosedDays bool `json:"closed_days,omitempty"`
}

// LostRule is what is owed for an item that is lost. The replacement is no longer owed when the item is found.
type LostRule struct {
	Replacement Money `json:"replacement,omitempty"`
	Processing  Money `json:"processing,omitempty"`
}

// RecallRule is how a loan is shortened when somebody else asks for the item: it ends so many days after that, and not
// before the patron had it for KeepDays. Days 0 shortens no loan.
type RecallRule struct {
	Days     int `json:"days,omitempty"`
	KeepDays int `json:"keep_days,omitempty"`
}

// Limits are what patrons of some user groups may have at once; 0 sets no limit. The first entry for the group holds.
type Limits struct {
	UserGroups []string `json:"user_groups,omitempty"`
	Loans      int      `json:"loans,omitempty"`
	Overdue    int      `json:"overdue,omitempty"` // who has so many overdue may borrow no more
	Fees       Money    `json:"fees,omitempty"`    // who owes more may borrow no more
}

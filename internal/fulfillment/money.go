package fulfillment

import (
	"fmt"
	"strconv"
	"strings"
)

// Money is an amount in the minor unit of the institution's currency, such as pence. It is never a fraction.
type Money int64

// Decimal is the amount in the major unit with that many decimal places, which every currency says of itself: "12.50".
func (m Money) Decimal(places int) string {
	sign, digits := "", strconv.FormatInt(int64(m), 10)
	if m < 0 {
		sign, digits = "-", digits[1:]
	}
	if places <= 0 {
		return sign + digits
	}
	if pad := places + 1 - len(digits); pad > 0 {
		digits = strings.Repeat("0", pad) + digits
	}
	at := len(digits) - places
	return sign + digits[:at] + "." + digits[at:]
}

// ParseMoney reads a decimal amount such as 12.5 or 12.50 of a currency with that many decimal places. It refuses what
// is no such amount, has more places, or more than ten digits before them.
func ParseMoney(text string, places int) (Money, error) {
	whole, part, _ := strings.Cut(text, ".")
	negative := strings.HasPrefix(whole, "-")
	whole = strings.TrimPrefix(whole, "-")
	digits := strings.Trim(whole+part, "0123456789") == "" && whole != ""
	if !digits || len(part) > places || len(whole) > 10 || strings.HasSuffix(text, ".") {
		return 0, fmt.Errorf("not an amount with at most %d decimal places", places)
	}
	n, err := strconv.ParseInt(whole+part+strings.Repeat("0", places-len(part)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("not an amount: %w", err)
	}
	if negative {
		n = -n
	}
	return Money(n), nil
}

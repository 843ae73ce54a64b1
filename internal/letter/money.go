package letter

import (
	"strings"

	"patrondesk/internal/fulfillment"
)

// amount writes money as the language does, with the code of the institution's currency: 1,234.50 GBP in English,
// 1.234,50 GBP in German. It has as many decimal places as the currency, and its spaces do not break.
func (w writer) amount(m fulfillment.Money) string {
	currency, places := w.inst.CurrencyCode()
	text := m.Decimal(places)
	digits, decimals, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	group, point := w.marks()
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + group + digits[i:]
	}
	if strings.HasPrefix(text, "-") {
		digits = "-" + digits
	}
	if decimals != "" {
		digits += point + decimals
	}
	return digits + "\u00a0" + currency
}

// marks are what the language puts between groups of three digits, and before the decimals.
func (w writer) marks() (group, point string) {
	switch w.lang {
	case "de":
		return ".", ","
	case "fr":
		return "\u202f", ","
	}
	return ",", "."
}

package letter

import "patrondesk/internal/fulfillment"

// fees is what is owed to each library and in all, as Alma's organization_fee_list and total_fee have it. It has no
// facts when nothing is owed.
func (w writer) fees(all []fulfillment.Fee) section {
	made := section{Heading: w.get("fees"), Description: w.get("debt_message")}
	var total, disputed fulfillment.Money
	for _, library := range byLibrary(w, owed(all), func(f fulfillment.Fee) fulfillment.Code { return f.Owner }) {
		var sum fulfillment.Money
		for _, f := range library.Records {
			sum += f.Owed()
			if f.Status == fulfillment.FeeInDispute {
				disputed += f.Owed()
			}
		}
		made.Facts = append(made.Facts, cell{Label: library.Name, Text: w.amount(sum)})
		total += sum
	}
	if len(made.Facts) == 0 {
		return made
	}
	made.Facts = append(made.Facts, cell{Label: w.get("total"), Text: w.amount(total), Strong: true})
	if disputed > 0 {
		made.Facts = append(made.Facts, cell{Label: w.get("in_dispute"), Text: w.amount(disputed)})
	}
	if total > disputed {
		made.Notes = []string{w.get("please_pay_message")}
	}
	return made
}

// owed are the fees of which something is left to pay.
func owed(all []fulfillment.Fee) []fulfillment.Fee {
	var left []fulfillment.Fee
	for _, f := range all {
		if f.Owed() != 0 {
			left = append(left, f)
		}
	}
	return left
}

// amount is money in the institution's currency.
func (w writer) amount(m fulfillment.Money) string {
	currency, places := w.inst.CurrencyCode()
	return w.Amount(m.Decimal(places), currency)
}

// Package alma is Alma's wire format: the user, loan, request, fee, item, letter and code table objects in JSON and XML,
// the reading of request bodies, the choice between the two formats, and the error envelope with Alma's codes.
//
// It follows the public Alma REST API (developers.exlibrisgroup.com, rest_user.xsd, rest_item_loan.xsd,
// rest_user_request.xsd, rest_fee.xsd, rest_item.xsd, rest_code_table.xsd). The rules of the objects are the domain's;
// this package only translates.
package alma

// Describer gives the description of a code in a table of the institution, in a language where there is a
// translation. It reports false for a code or a table it does not know; the stored description is shown then.
type Describer interface {
	Describe(table, code, lang string) (desc string, known bool)
}

// Code is a coded value. Only Value decides; Desc is shown to people and ignored by the rules.
type Code struct {
	Value string `json:"value" xml:",chardata"`
	Desc  string `json:"desc" xml:"desc,attr"`
}

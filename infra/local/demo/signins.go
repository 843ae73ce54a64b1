package demo

import "patrondesk/infra/local/signin"

// SignIns are the people the sign-in page offers: of each role that works with patrons one, staff who read other
// languages, and patrons, for whom the desk is not.
func SignIns() []signin.Person {
	all := []signin.Person{
		{PrimaryID: Operator, Name: "Ines Calloway", About: "Circulation Desk Operator, Main Library"},
		{PrimaryID: "circ.manager", Name: "Bernard Achebe", About: "Circulation Desk Manager, Main Library"},
		{PrimaryID: "circ.limited", Name: "Yuki Sandoval", About: "Circulation Desk Operator - Limited, Main Library"},
		{PrimaryID: "science.operator", Name: "Malik Trevanion", About: "Circulation Desk Operator, Science Library"},
		{PrimaryID: "german.operator", Name: "Annegret Falk", About: "Circulation Desk Operator, Main Library, reads German"},
		{PrimaryID: "french.operator", Name: "Clémence Rivoire", About: "Circulation Desk Operator, Main Library, reads French"},
		{PrimaryID: "requests.operator", Name: "Sophie Lindgren", About: "Requests Operator, Main Library"},
		{PrimaryID: "fulfillment.manager", Name: "Anders Mbeki", About: "Fulfillment Services Manager"},
		{PrimaryID: "fulfillment.administrator", Name: "Celeste Warburton", About: "Fulfillment Administrator"},
		{PrimaryID: "user.manager", Name: "Dmitri Vale", About: "User Manager"},
		{PrimaryID: "user.administrator", Name: "Rosalind Okoro", About: "User Administrator"},
		{PrimaryID: "system.administrator", Name: "Hugh Palander", About: "General System Administrator"},
	}
	for i := range all {
		all[i].Staff = true
	}
	return append(all,
		signin.Person{PrimaryID: Thomas, Name: "Thomas Reed", About: "Patron without a staff role, whom the desk refuses"},
		signin.Person{PrimaryID: Maria, Name: "Maria Lindqvist", About: "Patron whose record the registrar owns, refused too"})
}

package demo

import "patrondesk/infra/local/signin"

// SignIns are the people the sign-in page offers.
func SignIns() []signin.Person {
	return []signin.Person{
		{PrimaryID: Operator, Name: "Ines Calloway", About: "Circulation Desk Operator, Main Library"},
		{PrimaryID: "circ.manager", Name: "Bernard Achebe", About: "Circulation Desk Manager, Main Library"},
		{PrimaryID: "science.operator", Name: "Malik Trevanion", About: "Circulation Desk Operator, Science Library"},
		{PrimaryID: "user.manager", Name: "Dmitri Vale", About: "User Manager"},
		{PrimaryID: "system.administrator", Name: "Hugh Palander", About: "General System Administrator"},
		{PrimaryID: Thomas, Name: "Thomas Reed", About: "a patron"},
		{PrimaryID: Maria, Name: "Maria Lindqvist", About: "a patron whose record the registrar owns"},
	}
}

package desk

import (
	"slices"
	"strings"

	"patrondesk/internal/alma"
)

// partList is a kind of part a record has several of: addresses, notes and so on.
type partList struct {
	name   string // on the wire
	fields []formField
	count  func(u *alma.User) int
	read   func(u *alma.User, i int) values
	// write changes the i-th part, or adds one where that is as many as there are. What a form does not have stays.
	write func(u *alma.User, i int, v values)
	drop  func(u *alma.User, i int)
	// own makes the list the record's alone: what changes in it changes in no copy of the record.
	own func(u *alma.User)
	// segment and preferred are where the part says whose it is, and whether it is the preferred one; nil where it says
	// neither.
	segment   func(u *alma.User, i int) *string
	preferred func(u *alma.User, i int) *bool
}

// listOf is the list at of a record, whose parts have those fields.
func listOf[T any](name string, at func(*alma.User) *[]T, inputs []formInput[T]) partList {
	own := func(u *alma.User) { *at(u) = slices.Clone(*at(u)) }
	return partList{
		name:   name,
		fields: fieldsOf(inputs),
		count:  func(u *alma.User) int { return len(*at(u)) },
		read: func(u *alma.User, i int) values {
			v := values{}
			for _, in := range inputs {
				v[in.name] = in.get(&(*at(u))[i])
			}
			return v
		},
		write: func(u *alma.User, i int, v values) {
			if own(u); i == len(*at(u)) {
				*at(u) = append(*at(u), *new(T))
			}
			for _, in := range inputs {
				if value, given := v[in.name]; given {
					in.set(&(*at(u))[i], value)
				}
			}
		},
		drop: func(u *alma.User, i int) {
			own(u)
			*at(u) = slices.Delete(*at(u), i, i+1)
		},
		own: own,
	}
}

// owned adds to a list where its parts say whose they are.
func owned[T any](l partList, at func(*alma.User) *[]T, segment func(*T) *string) partList {
	l.segment = func(u *alma.User, i int) *string { return segment(&(*at(u))[i]) }
	return l
}

// preferring adds to a list where its parts say that they are preferred.
func preferring[T any](l partList, at func(*alma.User) *[]T, preferred func(*T) *bool) partList {
	l.preferred = func(u *alma.User, i int) *bool { return preferred(&(*at(u))[i]) }
	return l
}

func addressesOf(u *alma.User) *[]alma.Address { return &u.ContactInfo.Addresses }
func emailsOf(u *alma.User) *[]alma.Email      { return &u.ContactInfo.Emails }
func phonesOf(u *alma.User) *[]alma.Phone      { return &u.ContactInfo.Phones }
func notesOf(u *alma.User) *[]alma.UserNote    { return &u.Notes }

// addressList and the others are kinds of parts with those fields, which differ between the quick form and the full record.
func addressList(inputs []formInput[alma.Address]) partList {
	l := owned(listOf("address", addressesOf, inputs), addressesOf, func(a *alma.Address) *string { return &a.SegmentType })
	return preferring(l, addressesOf, func(a *alma.Address) *bool { return &a.Preferred })
}

func emailList(inputs []formInput[alma.Email]) partList {
	l := owned(listOf("email", emailsOf, inputs), emailsOf, func(e *alma.Email) *string { return &e.SegmentType })
	return preferring(l, emailsOf, func(e *alma.Email) *bool { return &e.Preferred })
}

func phoneList(inputs []formInput[alma.Phone]) partList {
	l := owned(listOf("phone", phonesOf, inputs), phonesOf, func(f *alma.Phone) *string { return &f.SegmentType })
	return preferring(l, phonesOf, func(f *alma.Phone) *bool { return &f.Preferred })
}

var noteList = owned(listOf("user_note", notesOf, noteInputs), notesOf, func(n *alma.UserNote) *string { return &n.SegmentType })

// reachLists are the ways to reach a patron of which the quick form has one of each: the preferred one.
var reachLists = []partList{addressList(quickAddress), emailList(quickEmail), phoneList(quickPhone)}

// ownCopy is a record whose lists can be changed without changing those of u.
func ownCopy(u alma.User) alma.User {
	info := alma.ContactInfo{}
	if u.ContactInfo != nil {
		info = *u.ContactInfo
	}
	u.ContactInfo = &info
	return u
}

// ours reports whether the i-th part is the library's to change.
func (l partList) ours(u *alma.User, i int) bool {
	return !externalRecord(u) || l.segment == nil || *l.segment(u, i) != "External"
}

func externalRecord(u *alma.User) bool { return u.AccountType.Value == "EXTERNAL" }

// add adds a part, which is the library's, and returns where it stands.
func (l partList) add(u *alma.User, v values) int {
	i := l.count(u)
	l.write(u, i, v)
	if l.segment != nil {
		*l.segment(u, i) = "Internal"
	}
	return i
}

// prefer makes the i-th part the preferred one.
func (l partList) prefer(u *alma.User, i int) {
	l.own(u)
	for n := range l.count(u) {
		*l.preferred(u, n) = n == i
	}
}

// preferredAt is where the preferred part stands, or -1.
func (l partList) preferredAt(u *alma.User) int {
	for i := range l.count(u) {
		if l.preferred != nil && *l.preferred(u, i) {
			return i
		}
	}
	return -1
}

// essence is what a part says, by which it is told from the others in the list: without its types and ticks.
func (l partList) essence(v values) string {
	var said []string
	for _, f := range l.fields {
		if f.speaks() && v[f.name] != "" {
			said = append(said, v[f.name])
		}
	}
	return strings.Join(said, " · ")
}

// same reports whether two forms about a part say the same.
func (l partList) same(a, b values) bool {
	return !slices.ContainsFunc(l.fields, func(f formField) bool { return a[f.name] != b[f.name] })
}

// find is where a part stands that says that, and is the library's: at the place it had, else at another one that is not
// taken; or -1.
func (l partList) find(u *alma.User, v values, was int, taken []int) int {
	return l.first(u, was, taken, func(is values) bool { return l.same(is, v) })
}

// first is the first place of a part that is as wanted, is the library's and is not taken: the one given is looked at
// before the others; or -1.
func (l partList) first(u *alma.User, place int, taken []int, wanted func(values) bool) int {
	is := func(i int) bool { return l.open(u, i, taken) && wanted(l.read(u, i)) }
	if is(place) {
		return place
	}
	for i := range l.count(u) {
		if is(i) {
			return i
		}
	}
	return -1
}

// open reports whether there is a part at i that is the library's and not taken.
func (l partList) open(u *alma.User, i int, taken []int) bool {
	return i >= 0 && i < l.count(u) && !slices.Contains(taken, i) && l.ours(u, i)
}

// essences are what the parts of a list say.
func (l partList) essences(u *alma.User) []string {
	all := make([]string, l.count(u))
	for i := range all {
		all[i] = l.essence(l.read(u, i))
	}
	return all
}

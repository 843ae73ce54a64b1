package desk

import (
	"slices"
	"strings"
	"time"

	"patrondesk/internal/alma"
)

// recordPart is a tab of the full record, with the lists that are on it.
type recordPart struct {
	name  string
	lists []partList
}

// recordParts are the tabs of the full record, in their order. Days end on the clocks of the zone.
func recordParts(zone *time.Location) []recordPart {
	return []recordPart{
		{"general", []partList{rsLibraryList, letterList}},
		{"contact", []partList{addressList(fullAddress), emailList(fullEmail), phoneList(fullPhone)}},
		{"identifiers", []partList{identifierList}},
		{"roles", []partList{roleList}},
		{"notes", []partList{noteList}},
		{"blocks", []partList{blockList(zone)}},
		{"statistics", []partList{statisticList}},
		{"proxies", []partList{proxyList}},
		{"history", nil},
	}
}

// fullAddress and the others are what the full record has of its parts.
var (
	fullAddress = append(slices.Clone(quickAddress[:3:3]), slices.Concat(
		[]formInput[alma.Address]{
			textInput("line4", asText, func(a *alma.Address) *alma.NullText { return &a.Line4 }),
			textInput("line5", asText, func(a *alma.Address) *alma.NullText { return &a.Line5 }),
		},
		quickAddress[3:],
		[]formInput[alma.Address]{
			dayInput("start_date", func(a *alma.Address) *string { return &a.StartDate }),
			dayInput("end_date", func(a *alma.Address) *string { return &a.EndDate }),
			textInput("address_note", asText, func(a *alma.Address) *string { return &a.Note }),
		})...)
	fullEmail = append(slices.Clone(quickEmail), textInput("description", asText, func(e *alma.Email) *alma.NullText { return &e.Description }))
	fullPhone = append(slices.Clone(quickPhone), checkInput("preferred_sms", func(f *alma.Phone) *bool { return &f.PreferredSMS }))
)

func identifiersOf(u *alma.User) *[]alma.UserIdentifier { return &u.Identifiers }
func rolesOf(u *alma.User) *[]alma.UserRole             { return &u.Roles }
func blocksOf(u *alma.User) *[]alma.UserBlock           { return &u.Blocks }
func statisticsOf(u *alma.User) *[]alma.UserStatistic   { return &u.Statistics }
func proxiesOf(u *alma.User) *[]alma.ProxyFor           { return &u.ProxyFor }
func rsLibrariesOf(u *alma.User) *[]alma.RSLibrary      { return &u.RSLibraries }
func lettersOf(u *alma.User) *[]alma.LibraryNotice      { return &u.LibraryNotices }

var identifierList = owned(listOf("user_identifier", identifiersOf, []formInput[alma.UserIdentifier]{
	codeInput("id_type", "UserIdentifierTypes", func(i *alma.UserIdentifier) *alma.Code { return &i.Type }),
	textInput("value", asText, func(i *alma.UserIdentifier) *string { return &i.Value }),
	wordInput("status", "UserStatus", func(i *alma.UserIdentifier) *string { return &i.Status }),
	textInput("note", asText, func(i *alma.UserIdentifier) *alma.NullText { return &i.Note }),
}), identifiersOf, func(i *alma.UserIdentifier) *string { return &i.SegmentType })

var roleList = listOf("user_role", rolesOf, []formInput[alma.UserRole]{
	codeInput("role_type", "UserRoles", func(r *alma.UserRole) *alma.Code { return &r.Type }),
	codeInput("scope", scopes, func(r *alma.UserRole) *alma.Code { return &r.Scope }),
	{formField{name: "desk", as: asCode, table: circulationDesks}, deskOfRole, setDeskOfRole},
	codeInput("status", "UserRolesStatus", func(r *alma.UserRole) *alma.Code { return &r.Status }),
	dayInput("expiry_date", func(r *alma.UserRole) *string { return &r.ExpiryDate }),
})

// The tables that are made of the institution's libraries: what a role is for, and the desks one may work at.
const (
	scopes           = "Scopes"
	circulationDesks = "CirculationDesks"
)

// deskParameter is the type of the parameter that narrows a role to a circulation desk.
const deskParameter = "CirculationDesk"

func isDesk(p alma.RoleParameter) bool { return p.Type.Value == deskParameter }

// deskOfRole is the circulation desk a role is for, with its library: MAIN/DEFAULT_CIRC_DESK.
func deskOfRole(r *alma.UserRole) string {
	if i := slices.IndexFunc(r.Parameters, isDesk); i >= 0 {
		return r.Parameters[i].Scope.Value + "/" + r.Parameters[i].Value.Value
	}
	return ""
}

func setDeskOfRole(r *alma.UserRole, value string) {
	if value == deskOfRole(r) {
		return
	}
	r.Parameters = slices.DeleteFunc(slices.Clone(r.Parameters), isDesk)
	if library, code, ok := strings.Cut(value, "/"); ok {
		r.Parameters = append(r.Parameters, alma.RoleParameter{
			Type: alma.Code{Value: deskParameter}, Scope: alma.Code{Value: library}, Value: alma.Code{Value: code},
		})
	}
}

// blockList is the list of blocks. The day until which one holds is over when it is on the clocks of the zone.
func blockList(zone *time.Location) partList {
	until := formInput[alma.UserBlock]{formField: formField{name: "expiry_date", as: asDay}}
	until.get = func(b *alma.UserBlock) string {
		end, err := time.Parse(time.RFC3339, b.ExpiryDate)
		if err != nil {
			return ""
		}
		return end.In(zone).Format(time.DateOnly)
	}
	until.set = func(b *alma.UserBlock, value string) {
		if value == until.get(b) {
			return
		}
		b.ExpiryDate = value
		if day, err := time.ParseInLocation(time.DateOnly, value, zone); err == nil {
			b.ExpiryDate = day.AddDate(0, 0, 1).Add(-time.Second).UTC().Format(time.RFC3339)
		}
	}
	return owned(listOf("user_block", blocksOf, []formInput[alma.UserBlock]{
		codeInput("block_description", "UserBlockDescription", func(b *alma.UserBlock) *alma.Code { return &b.Description }),
		codeInput("block_type", "UserBlockTypes", func(b *alma.UserBlock) *alma.Code { return &b.Type }),
		wordInput("block_status", "UserStatus", func(b *alma.UserBlock) *string { return &b.Status }),
		until,
		textInput("block_note", asArea, func(b *alma.UserBlock) *alma.NullText { return &b.Note }),
	}), blocksOf, func(b *alma.UserBlock) *string { return &b.SegmentType })
}

var statisticList = owned(listOf("user_statistic", statisticsOf, []formInput[alma.UserStatistic]{
	codeInput("statistic_category", "UserStatisticalCategories", func(s *alma.UserStatistic) *alma.Code { return &s.Category }),
	textInput("statistic_note", asText, func(s *alma.UserStatistic) *alma.NullText { return &s.Note }),
}), statisticsOf, func(s *alma.UserStatistic) *string { return &s.SegmentType })

var proxyList = listOf("proxy_for_user", proxiesOf, []formInput[alma.ProxyFor]{
	textInput("primary_id", asText, func(x *alma.ProxyFor) *string { return &x.PrimaryID }),
	codeInput("proxy_type", "ProxyTypes", func(x *alma.ProxyFor) *alma.Code { return (*alma.Code)(&x.Type) }),
})

var rsLibraryList = listOf("rs_library", rsLibrariesOf, []formInput[alma.RSLibrary]{
	codeInput("code", "Libraries", func(l *alma.RSLibrary) *alma.Code { return &l.Code }),
})

var letterList = listOf("library_notice", lettersOf, []formInput[alma.LibraryNotice]{
	codeInput("code", "LibraryNoticesOptInDisplay", func(n *alma.LibraryNotice) *alma.Code { return &n.Code }),
	checkInput("value", func(n *alma.LibraryNotice) *bool { return &n.Value }),
})

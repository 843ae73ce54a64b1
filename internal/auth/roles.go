package auth

import (
	"slices"
	"time"

	"patrondesk/internal/patron"
)

// roleRights is what each of Alma's roles that works with patrons may do, by the code of the role. Alma's own pages
// give the roles their tasks: desk operators and managers edit users and work with loans and requests; the limited
// operator and those of fulfilment see users and do not edit them; a requests operator places requests for patrons.
// Whoever works with patrons reads the code tables. A role that is not here, 200 (Patron) among them, has no right.
var roleRights = map[string][]Right{
	"21":  {UsersWrite, ConfigurationRead},                  // User Manager
	"26":  {UsersRead, ConfigurationWrite},                  // General System Administrator
	"32":  {UsersWrite, FulfilmentWrite, ConfigurationRead}, // Circulation Desk Operator
	"50":  {UsersWrite, ConfigurationRead},                  // User Administrator
	"51":  {UsersRead, FulfilmentWrite, ConfigurationRead},  // Requests Operator
	"52":  {UsersRead, FulfilmentWrite, ConfigurationWrite}, // Fulfillment Administrator
	"215": {UsersRead, FulfilmentWrite, ConfigurationRead},  // Fulfillment Services Manager
	"221": {UsersWrite, FulfilmentWrite, ConfigurationRead}, // Circulation Desk Manager
	"299": {UsersRead, FulfilmentRead, ConfigurationRead},   // Circulation Desk Operator - Limited
}

// roleManager is the role that gives roles to people: User Administrator. Were every editor of users to do so, each
// could make themselves anything.
const roleManager = "50"

// The roles that may do what others with the same rights may not.
const (
	systemAdministrator     = "26"
	userManager             = "21"
	deskManager             = "221"
	fulfilmentAdministrator = "52"
	fulfilmentManager       = "215"
)

// assignsRoles reports whether one of the roles is a role manager's, by the same rules as [rightsOf].
func assignsRoles(roles []patron.Role, scopes []string, now time.Time) bool {
	return holds(roles, scopes, now, roleManager)
}

// releasesJobs reports whether one of the roles is that of an administrator of users or of the system, by the same
// rules.
func releasesJobs(roles []patron.Role, scopes []string, now time.Time) bool {
	return holds(roles, scopes, now, roleManager, systemAdministrator)
}

// managesUsers reports whether one of the roles is a User Manager's or User Administrator's, by the same rules.
func managesUsers(roles []patron.Role, scopes []string, now time.Time) bool {
	return holds(roles, scopes, now, roleManager, userManager)
}

// overridesBlocks reports whether one of the roles is that of a manager of a desk or of fulfilment, by the same rules.
func overridesBlocks(roles []patron.Role, scopes []string, now time.Time) bool {
	return holds(roles, scopes, now, deskManager, fulfilmentAdministrator, fulfilmentManager)
}

// holds reports whether one of the roles that count has one of the codes.
func holds(roles []patron.Role, scopes []string, now time.Time, codes ...string) bool {
	wanted := slices.DeleteFunc(slices.Clone(roles), func(r patron.Role) bool { return !slices.Contains(codes, r.Type.Value) })
	return len(rightsOf(wanted, scopes, now)) > 0
}

// rightsOf are the rights of a record's roles that are active and not expired, and whose scope is among scopes; no
// scopes at all let every scope count. A role in one library counts for the institution's patrons, whom it shares.
func rightsOf(roles []patron.Role, scopes []string, now time.Time) []Right {
	var rights []Right
	for _, role := range roles {
		if role.Status.Value != string(patron.Active) || role.ExpiryDate.Passed(now) {
			continue
		}
		if len(scopes) > 0 && !slices.Contains(scopes, role.Scope.Value) {
			continue
		}
		rights = append(rights, roleRights[role.Type.Value]...)
	}
	slices.Sort(rights)
	return slices.Compact(rights)
}

// deskRoles are the roles that work at circulation desks.
var deskRoles = []string{"32", deskManager, "299", fulfilmentAdministrator, fulfilmentManager, "51"}

// circulationDesk is the type of the parameter that narrows a role to a circulation desk.
const circulationDesk = "CirculationDesk"

// WorksAt reports whether one of the roles is for that circulation desk of the library: it is in force, its scope is the
// library or the whole institution, and it names that desk or none.
func WorksAt(roles []patron.Role, institution, library, desk string, now time.Time) bool {
	return slices.ContainsFunc(roles, func(r patron.Role) bool {
		if !holds([]patron.Role{r}, []string{institution, library}, now, deskRoles...) {
			return false
		}
		named := func(p patron.RoleParameter) bool { return p.Type.Value == circulationDesk }
		here := func(p patron.RoleParameter) bool { return named(p) && p.Value.Value == desk }
		return !slices.ContainsFunc(r.Parameters, named) || slices.ContainsFunc(r.Parameters, here)
	})
}

package desk

import (
	"maps"
	"net/http"
	"slices"
)

// conflictForm is the page on which the member of staff decides what holds where somebody else changed the same. It has
// the whole form in it.
type conflictForm struct {
	ID        string
	Shown     string
	Hidden    []field // what is typed
	Conflicts []conflict
}

// field is a name with what stands there.
type field struct{ Name, Value string }

// conflict is a unit that two people changed, with what each made of it.
type conflict struct {
	Unit, Label  string
	Mine, Theirs string // empty for a part that is gone
}

// showConflict answers with the decision. What is sent from there goes against the record as it is now.
func (c *call) showConflict(theirs sheet, merged values, units []unit) error {
	p, err := c.patron("edit")
	if err != nil {
		return err
	}
	f := conflictForm{ID: p.User.PrimaryID, Shown: theirs.encode()}
	for _, name := range slices.Sorted(maps.Keys(merged)) {
		f.Hidden = append(f.Hidden, field{name, merged[name]})
	}
	for _, n := range units {
		f.Conflicts = append(f.Conflicts, conflict{
			Unit: n.name, Label: c.unitLabel(n), Mine: c.unitText(n, merged), Theirs: c.unitText(n, theirs.Values),
		})
	}
	p.Content = f
	return c.showAs(http.StatusConflict, "patron/edit-conflict", p)
}

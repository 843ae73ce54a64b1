package desk

import (
	"slices"

	"patrondesk/internal/alma"
)

// against is the sheet with what the record now says in its places. A part is found again by what it said. One that says
// something else since is the one with the same words, or the one in its place if that was not in the list before; else it
// is gone.
func (s sheet) against(u *alma.User) sheet {
	now := newSheet()
	at := s.found(u)
	for _, n := range s.units() {
		if n.list != nil {
			now.At[n.name], now.Had[n.list.name] = at[n.name], n.list.essences(u)
			now.stands(n, u, at[n.name], s.Values)
		}
	}
	for _, in := range userInputs {
		if _, shown := s.Values[in.name]; shown {
			now.Values[in.name] = in.get(u)
		}
	}
	return now
}

// found is where the parts of the sheet stand in the record now, by the names of their units.
func (s sheet) found(u *alma.User) map[string]int {
	at, taken := map[string]int{}, map[string][]int{}
	look := func(where func(n unit, was int, taken []int) int) {
		for _, n := range s.units() {
			if i, done := at[n.name]; n.list == nil || done && i >= 0 {
				continue
			}
			at[n.name] = -1
			if was := s.At[n.name]; was >= 0 {
				at[n.name] = where(n, was, taken[n.list.name])
				taken[n.list.name] = append(taken[n.list.name], at[n.name])
			}
		}
	}
	look(func(n unit, was int, taken []int) int { return n.list.find(u, n.part(s.Values), was, taken) })
	look(func(n unit, was int, taken []int) int {
		words := n.list.essence(n.part(s.Values))
		if i := n.list.first(u, was, taken, func(v values) bool { return n.list.essence(v) == words }); i >= 0 {
			return i
		}
		if n.list.open(u, was, taken) && !slices.Contains(s.Had[n.list.name], n.list.essence(n.list.read(u, was))) {
			return was
		}
		return -1
	})
	return at
}

// stands puts the part at i into the sheet. One that is not there has only the types it was shown with.
func (s sheet) stands(n unit, u *alma.User, i int, was values) {
	v := values{}
	if i >= 0 {
		v = n.list.read(u, i)
	}
	for _, f := range n.list.fields {
		name := n.name + "." + f.name
		if s.Values[name] = v[f.name]; i < 0 && !f.speaks() {
			s.Values[name] = was[name]
		}
	}
	if n.list.preferred == nil {
		s.Values[n.name+removing] = ""
	} else {
		s.Values[n.name+isPreferred] = preference(u, n.list, i)
	}
}

// merge is mine where that changes what was shown, and theirs elsewhere. Where both changed the same in two ways, mine
// stands in what is returned, and the unit is among the conflicts.
func merge(shown sheet, mine values, theirs sheet) (merged values, conflicts []unit) {
	merged = values{}
	for _, n := range shown.units() {
		switch {
		case n.same(mine, shown.Values):
			n.copy(merged, theirs.Values)
			continue
		case !n.same(theirs.Values, shown.Values) && !n.same(theirs.Values, mine):
			conflicts = append(conflicts, n)
		}
		n.copy(merged, mine)
	}
	return merged, conflicts
}

// changedMeanwhile are the units somebody else changed, and only they.
func changedMeanwhile(shown sheet, mine values, theirs sheet) []unit {
	return slices.DeleteFunc(shown.units(), func(n unit) bool {
		return n.same(theirs.Values, shown.Values) || !n.same(mine, shown.Values)
	})
}

// apply writes into the record what is not in it yet, and reports whether there was anything.
func (s sheet) apply(u *alma.User, merged values) (changed bool) {
	drop := map[string][]int{} // by the list
	for _, n := range s.units() {
		if n.same(merged, s.Values) {
			continue
		}
		switch in, field := userInput(n.name); {
		case field:
			in.set(u, merged[n.name])
		case n.list == nil: // which part is preferred, below
			continue
		case n.gone(merged):
			drop[n.list.name] = append(drop[n.list.name], s.At[n.name])
		case s.At[n.name] >= 0:
			n.list.write(u, s.At[n.name], n.part(merged))
		case n.list.find(u, n.part(merged), -1, s.places(n.list)) >= 0:
			continue // the same form, sent twice
		default:
			s.At[n.name] = n.list.add(u, n.part(merged))
		}
		changed = true
	}
	for i := range reachLists {
		changed = s.applyPreference(&reachLists[i], u, merged) || changed
	}
	for _, l := range append([]partList{noteList}, reachLists...) {
		for _, i := range slices.Backward(slices.Sorted(slices.Values(drop[l.name]))) {
			l.drop(u, i)
		}
	}
	return changed
}

// places are where the parts stand that the sheet has of a list.
func (s sheet) places(l *partList) []int {
	var all []int
	for _, n := range s.units() {
		if n.list != nil && n.list.name == l.name {
			all = append(all, s.At[n.name])
		}
	}
	return all
}

// applyPreference marks the part of a list that is to be the preferred one, where that is another one than was, or new.
func (s sheet) applyPreference(l *partList, u *alma.User, merged values) (changed bool) {
	wanted := merged[l.name+isPreferred]
	at := s.At[l.name]
	if wanted == s.Values[l.name+isPreferred] && (wanted != thisOne || at < 0 || *l.preferred(u, at)) {
		return false
	}
	for i := range l.count(u) {
		if wanted == thisOne && i == at || wanted != thisOne && i != at && l.essence(l.read(u, i)) == wanted {
			l.prefer(u, i)
			return true
		}
	}
	return false
}

package demo

import "patrondesk/internal/fulfillment"

// shelves are the items, and which of them are in their place.
type shelves struct {
	titles []string                      // each once, in the order of the list
	copies map[string][]fulfillment.Item // by title
	gone   map[string]bool               // by item id
	storys map[string]bool               // titles the crowd neither asks for nor borrows
}

func newShelves(items []fulfillment.Item) *shelves {
	s := &shelves{copies: map[string][]fulfillment.Item{}, gone: map[string]bool{}, storys: map[string]bool{}}
	for _, it := range items {
		if len(s.copies[it.Title]) == 0 {
			s.titles = append(s.titles, it.Title)
		}
		s.copies[it.Title] = append(s.copies[it.Title], it)
		if it.Barcode == Almanac || it.Barcode == Rooms || it.Barcode == Middlemarch {
			s.storys[it.Title] = true
		}
	}
	return s
}

// take takes the last copy of a title that is in its place and lent on the usual terms, which is the least asked for.
func (s *shelves) take(title string) (it fulfillment.Item, ok bool) {
	return s.takeOf(title, "")
}

// takeOf takes a copy that has an item policy.
func (s *shelves) takeOf(title, policy string) (it fulfillment.Item, ok bool) {
	for i := len(s.copies[title]) - 1; i >= 0; i-- {
		it := s.copies[title][i]
		if it.Lendable() && it.ItemPolicy.Value == policy && !s.gone[it.ID] {
			s.gone[it.ID] = true
			return it, true
		}
	}
	return fulfillment.Item{}, false
}

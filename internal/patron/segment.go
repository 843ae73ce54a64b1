package patron

import "reflect"

// DefaultSegments gives the parts that name no segment the account type's own, as Alma does for an API client: External
// in an external record, Internal in an internal one.
func (p *Patron) DefaultSegments() {
	own := InternalSegment
	if p.AccountType == External {
		own = ExternalSegment
	}
	p.eachSegment(func(_ string, seg *Segment) {
		if *seg == "" {
			*seg = own
		}
	})
}

// segmentsAtDesk gives the parts that name no segment that of the same part of the record before the edit. What is new
// is the library's.
func (p *Patron) segmentsAtDesk(before Patron) {
	was, is := allParts(before), allParts(*p)
	for kind, parts := range is {
		for _, part := range parts {
			if part.segment != "" {
				take(was[kind], part.says, part.segment)
			}
		}
	}
	next := map[string]int{}
	p.eachSegment(func(kind string, seg *Segment) {
		says := is[kind][next[kind]].says
		next[kind]++
		if *seg != "" {
			return
		}
		if *seg = take(was[kind], says, ""); *seg == "" {
			*seg = InternalSegment
		}
	})
}

// taken is what a part says that was found once; no other part is the same.
type taken struct{}

// take finds a part that says that, of the segment or with "" of any, takes it from the list and returns its segment;
// "" when there is none.
func take(parts []part, says any, of Segment) Segment {
	for i, part := range parts {
		if (of == "" || part.segment == of) && reflect.DeepEqual(part.says, says) {
			parts[i].says = taken{}
			return part.segment
		}
	}
	return ""
}

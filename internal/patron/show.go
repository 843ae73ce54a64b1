package patron

import (
	"slices"
	"strings"
	"time"
)

// showCode is a code as a librarian reads it: "01 (Student)", or the code alone where it has no description.
func showCode(c Code) string {
	switch {
	case c.Value == "" || c.Desc == "" || c.Desc == c.Value:
		return firstOf(c.Value, c.Desc)
	}
	return c.Value + " (" + c.Desc + ")"
}

// showAll is several values in one text.
func showAll[T any](parts []T, show func(T) string) string {
	texts := make([]string, len(parts))
	for i, part := range parts {
		texts[i] = show(part)
	}
	return strings.Join(texts, "; ")
}

func showFlag(is bool) string {
	if is {
		return "true"
	}
	return "false"
}

func showTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func showChange(c Change) string { return joined(", ", c.By, showTime(c.At)) }

// joined is the texts that are not empty.
func joined(sep string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), sep)
}

// with is a text followed by what there is to say of it, in brackets.
func with(text string, remarks ...string) string {
	if said := joined(", ", remarks...); said != "" {
		return text + " (" + said + ")"
	}
	return text
}

func remark(word string, is bool) string {
	if is {
		return word
	}
	return ""
}

func labelled(label, text string) string {
	if text == "" {
		return ""
	}
	return label + " " + text
}

// showSegment names the library's parts; the others are the SIS's.
func showSegment(s Segment) string { return remark(string(s), s == InternalSegment) }

func showKinds(codes []Code) string {
	values := make([]string, len(codes))
	for i, c := range codes {
		values[i] = c.Value
	}
	return strings.Join(values, ", ")
}

func showAddress(a Address) string {
	lines := joined(", ", slices.Clone(a.Lines)...)
	return with(joined(", ", lines, a.City, a.StateProvince, a.PostalCode, a.Country.Value), showKinds(a.Types), remark("preferred", a.Preferred),
		showSegment(a.Segment), labelled("from", string(a.StartDate)), labelled("until", string(a.EndDate)), labelled("note:", a.Note))
}

func showEmail(e Email) string {
	return with(e.Address, e.Description, showKinds(e.Types), remark("preferred", e.Preferred), showSegment(e.Segment))
}

func showPhone(f Phone) string {
	return with(f.Number, showKinds(f.Types), remark("preferred", f.Preferred), remark("preferred for SMS", f.PreferredSMS), showSegment(f.Segment))
}

func showIdentifier(i Identifier) string {
	return with(joined(" ", i.Type.Value, i.Value), i.Note, remark(string(i.Status), i.Status != Active), showSegment(i.Segment))
}

func showNote(n Note) string {
	return with(labelled(n.Type.Value+":", n.Text), remark("viewable by the patron", n.Viewable), remark("pop-up", n.Popup), n.Owner,
		labelled("by", n.CreatedBy), showTime(n.Created), showSegment(n.Segment))
}

func showBlock(b Block) string {
	return with(joined(" ", b.Type.Value, b.Description.Value), b.Note, remark(string(b.Status), b.Status != Active), b.Owner,
		labelled("until", showTime(b.Expiry)), labelled("loan", b.ItemLoanID), labelled("by", b.CreatedBy), showTime(b.Created), showSegment(b.Segment))
}

func showStatistic(s Statistic) string {
	return with(joined(" ", s.Category.Value, s.Type.Value), s.Note, s.Owner, showSegment(s.Segment))
}

func showRole(r Role) string {
	parameters := showAll(r.Parameters, func(p RoleParameter) string { return joined(" ", p.Type.Value, p.Scope.Value, p.Value.Value) })
	return with(r.Type.Value, r.Status.Value, r.Scope.Value, labelled("until", string(r.ExpiryDate)), parameters)
}

func showProxy(x Proxy) string { return with(x.PrimaryID, x.FullName, x.Type.Value) }

package sis

import (
	"fmt"
	"hash/maphash"

	"patrondesk/internal/patron"
)

// claims remember which record of the files of one object came first with an identifier, and with a patron. They are
// kept as 64-bit hashes under a seed of this run: a million people with four identifiers each take about 200 MB less
// than their texts would, and a false alarm is less likely than one in a million.
type claims struct {
	seed  maphash.Seed
	taken map[uint64]place
	files []string
}

// place is where a record stands: the number of its file, and its line.
type place struct{ file, line int32 }

func newClaims() *claims {
	return &claims{seed: maphash.MakeSeed(), taken: map[uint64]place{}}
}

// identifiers claims all identifiers of the record, or none when an earlier record has one of them.
func (c *claims) identifiers(p *person) error {
	if p.no != nil {
		return nil
	}
	all := p.in.AllIdentifiers()
	for _, id := range all {
		if at, ok := c.taken[c.identifier(id)]; ok && id.Value != "" {
			return &rejection{
				field: identifierField(id.Type.Value),
				reason: fmt.Sprintf("Identifier of type %s and value %s is already taken in this feed, by the record on line %d%s.",
					id.Type.Value, id.Value, at.line, c.fileName(at, p.file)),
			}
		}
	}
	for _, id := range all {
		c.taken[c.identifier(id)] = c.place(p)
	}
	return nil
}

// patron claims the patron the record matched.
func (c *claims) patron(p *person) error {
	if p.no != nil || p.found.UID == "" {
		return nil
	}
	key := c.key("uid", p.found.UID)
	if at, ok := c.taken[key]; ok {
		return &rejection{reason: fmt.Sprintf("The record is of the same patron as the one on line %d%s.", at.line, c.fileName(at, p.file))}
	}
	c.taken[key] = c.place(p)
	return nil
}

// release gives the claimed patron of a record up that is tried again.
func (c *claims) release(p *person) {
	if p.found.UID != "" {
		delete(c.taken, c.key("uid", p.found.UID))
	}
}

func (c *claims) identifier(id patron.Identifier) uint64 {
	return c.key("identifier", patron.Fold(id.Value))
}

func (c *claims) key(kind, value string) uint64 {
	return maphash.String(c.seed, kind+"\x00"+value)
}

func (c *claims) place(p *person) place {
	if n := len(c.files); n == 0 || c.files[n-1] != p.file {
		c.files = append(c.files, p.file)
	}
	return place{file: int32(len(c.files) - 1), line: int32(p.line)}
}

// fileName names the file of a place when it is another than this.
func (c *claims) fileName(at place, this string) string {
	if name := c.files[at.file]; name != this {
		return " of " + name
	}
	return ""
}

func identifierField(idType string) string {
	if idType == patron.PrimaryType {
		return "primary_id"
	}
	return "user_identifier"
}

package demo

import (
	"fmt"
	"math/rand/v2"
	"time"

	"patrondesk/internal/fulfillment"
	"patrondesk/internal/patron"
)

// asker makes requests, numbered in the order they are made.
type asker struct {
	now   time.Time
	codes codes
	*shelves
	all []Placement
}

func newAsker(now time.Time, s *shelves, tables describer) *asker {
	return &asker{now: now.UTC().Truncate(time.Hour), codes: codes{tables}, shelves: s}
}

// story gives Thomas one request in each of the three states; in the queue he stands behind somebody.
func (a *asker) story() {
	a.waits("aisha.khan", "Middlemarch", 12)
	a.waits(Thomas, "Middlemarch", 9)
	a.waits("lotte.baumann", "Middlemarch", 4)
	a.inProcess(Thomas, "Frankenstein; or, The Modern Prometheus", 3)
	a.onShelf(Thomas, "On the Origin of Species", 6)
	a.past(Thomas, "Treasure Island", 90, "")
	a.past(Thomas, "Bleak House", 60, "CancelledAtPatronRequest")
	a.onShelf(Maria, "Statistics with Stubborn Data", 5)
	a.waits("camille.noel", "Madame Bovary", 8)
	a.inProcess("jurgen.muller", "Kritik der reinen Vernunft", 2)
	a.waits("lotte.baumann", "Die Verwandlung", 7)
	a.onShelf("edith.penrose", "Emma", 4)
	a.waits("ole.nordahl", "Peer Gynt", 10)
	a.onShelf("layla.mansour", "ألف ليلة وليلة", 3)
	a.inProcess("li.xiaoming", "紅樓夢", 1)
	a.waits("UPPER.CASE@demo.example", `"Quoted", or, What the Librarian Said & Meant`, 6)
	a.wantsCopied("aisha.khan", "The Wealth of Nations", 2)
}

// wantsCopied places a request to digitise a chapter.
func (a *asker) wantsCopied(who, title string, daysAgo int) {
	a.waits(who, title, daysAgo)
	r := &a.all[len(a.all)-1].Request
	r.Type, r.SubType = fulfillment.DigitizationRequest, a.codes.item("RequestSubTypes", "PATRON_DIGITIZATION")
	r.Digitization = &fulfillment.Digitization{
		Partial: true, ChapterTitle: "Of the Division of Labour", Pages: []fulfillment.PageRange{{From: "3", To: "16"}}, CopyrightSigned: true,
	}
}

// crowd adds requests until there are as many as asked for. A few titles are wanted by many.
func (a *asker) crowd(people []string, total int) {
	random := rand.New(rand.NewPCG(7, 66))
	wanted := a.titles[:12]
	for n := 0; len(a.all) < total; n++ {
		title := a.titles[random.IntN(len(a.titles))]
		if n%2 == 0 {
			title = wanted[random.IntN(len(wanted))]
		}
		who, days := people[random.IntN(len(people))], 1+random.IntN(20)
		if who == Thomas || who == Maria || a.storys[title] || a.asked(who, title) {
			continue
		}
		switch random.IntN(8) {
		case 0:
			a.onShelf(who, title, days%6)
		case 1, 2:
			a.inProcess(who, title, days%9)
		case 3:
			a.past(who, title, 20+days, []string{"", "CannotBeFulfilled"}[days%2])
		default:
			a.waits(who, title, days)
		}
	}
}

func (a *asker) asked(who, title string) bool {
	for _, p := range a.all {
		if p.PrimaryID == who && p.Request.Title == title {
			return true
		}
	}
	return false
}

// borrowers are the primary ids of those who may ask for something.
func borrowers(patrons []patron.Patron) []string {
	var ids []string
	for _, p := range patrons {
		if p.RecordType == patron.Public && p.Status == patron.Active && len(p.Blocks) == 0 && p.ExpiryDate > "2027" {
			ids = append(ids, p.PrimaryID)
		}
	}
	return ids
}

// waits places a request for the title that waits in its queue.
func (a *asker) waits(who, title string, daysAgo int) {
	it := a.copies[title][0]
	a.place(who, fulfillment.Request{
		Status: fulfillment.NotStarted, MMSID: it.MMSID, Title: it.Title, Author: it.Author, DateOfPublication: it.DateOfPublication,
		MaterialType: it.MaterialType, ManagedByLibrary: it.Library,
	}, daysAgo)
}

// inProcess places a request whose item is on its way to the main library, where there is one; else the request waits.
func (a *asker) inProcess(who, title string, daysAgo int) {
	it, ok := a.take(title)
	if !ok {
		a.waits(who, title, daysAgo)
		return
	}
	r := ofItem(it)
	r.Status, r.Task = fulfillment.InProcess, "Transit Item"
	a.found(who, r, daysAgo, fulfillment.Custody{
		State: fulfillment.InTransit, To: a.desk("MAIN", ""), At: a.desk("SCIENCE", "SCI_CIRC"),
	})
}

// onShelf places a request whose item waits for the patron, where there is one; else the request waits.
func (a *asker) onShelf(who, title string, daysAgo int) {
	it, ok := a.take(title)
	if !ok {
		a.waits(who, title, daysAgo)
		return
	}
	r := ofItem(it)
	r.Status, r.Task = fulfillment.OnHoldShelf, "On Hold Shelf"
	r.ExpiryDate = day(a.now.AddDate(0, 0, 7-daysAgo))
	a.found(who, r, daysAgo+2, fulfillment.Custody{State: fulfillment.OnShelf, At: a.desk("MAIN", ""), Until: r.ExpiryDate})
}

// found places a request for which an item was found.
func (a *asker) found(who string, r fulfillment.Request, daysAgo int, c fulfillment.Custody) {
	r.HeldItemID = r.ItemID
	a.place(who, r, daysAgo)
	c.ItemID, c.RequestID = r.ItemID, a.all[len(a.all)-1].Request.ID
	a.all[len(a.all)-1].Custody = c
}

// desk is a circulation desk, or with an empty one any of the library.
func (a *asker) desk(library, desk string) fulfillment.Desk {
	return fulfillment.Desk{Library: a.codes.item("Libraries", library), Desk: fulfillment.Code{Value: desk}}
}

// past places a request that is over; reason is empty when it was fulfilled.
func (a *asker) past(who, title string, daysAgo int, reason string) {
	copies := a.copies[title]
	r := ofItem(copies[len(copies)-1])
	r.Status, r.Ended = fulfillment.History, a.now.AddDate(0, 0, 5-daysAgo)
	r.EndReason = a.codes.item("RequestCancellationReasons", reason)
	a.place(who, r, daysAgo)
}

// ofItem is a request for that copy.
func ofItem(it fulfillment.Item) fulfillment.Request {
	return fulfillment.Request{
		MMSID: it.MMSID, HoldingID: it.HoldingID, ItemID: it.ID, Barcode: it.Barcode, Title: it.Title, Author: it.Author,
		Description: it.Description, Volume: it.Volume, Issue: it.Issue, Part: it.Part,
		DateOfPublication: it.DateOfPublication, MaterialType: it.MaterialType, ManagedByLibrary: it.Library,
	}
}

func (a *asker) place(who string, r fulfillment.Request, daysAgo int) {
	r.ID = fmt.Sprintf("28%08d0005416", 1001+17*len(a.all))
	r.Type, r.SubType = fulfillment.Hold, a.codes.item("RequestSubTypes", "PATRON_PHYSICAL")
	r.MaterialType = a.codes.item("PhysicalMaterialType", r.MaterialType.Value)
	r.ManagedByLibrary = a.codes.item("Libraries", r.ManagedByLibrary.Value)
	r.PickupType, r.PickupLibrary = "LIBRARY", a.codes.item("Libraries", "MAIN")
	r.Requested = a.now.AddDate(0, 0, -daysAgo)
	r.LastInterestDate = day(r.Requested.AddDate(0, 2, 0))
	a.all = append(a.all, Placement{PrimaryID: who, Request: r})
}

func day(t time.Time) string { return t.Format(time.DateOnly) }

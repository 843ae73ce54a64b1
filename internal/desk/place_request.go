package desk

import (
	"net/http"
	"net/url"
	"strings"

	"patrondesk/internal/alma"
	"patrondesk/internal/fulfillment"
)

// newRequestPage is where a request is placed: first it is scanned what for, and then the rest is said.
type newRequestPage struct {
	Scanned string
	Wanted  *wanted
	Missing []string // why there is nothing to ask for, where something was scanned
	Pickups []pickupLibrary
	requestForm
}

// wanted is what a request is to be for: a copy of a title, and any copy of it; or where a title was given, that alone.
type wanted struct {
	MMSID, Title, Author string
	// ItemID and so on are those of the copy, and Description its volume.
	ItemID, Barcode, Description, Library, CallNumber, Process string
}

// requestForm is what is said of a new request.
type requestForm struct {
	Type, Pickup, Until, Comment string
	OnlyCopy                     bool // that copy and no other
	// What of it is to be digitised; all of it where nothing is said.
	Chapter, ChapterAuthor, From, To string
}

// newRequest answers GET /desk/patrons/{user_id}/requests/new.
func (c *call) newRequest() error {
	p, err := c.patron("requests")
	if err != nil {
		return err
	}
	form := requestForm{Type: string(fulfillment.Hold)}
	if d, ok := c.chosenDesk(); ok {
		form.Pickup = d.Library
	}
	return c.showNewRequest(http.StatusOK, p, form)
}

// showNewRequest answers with the form, for what was scanned if something was.
func (c *call) showNewRequest(status int, p *patronPage, form requestForm) error {
	shown := newRequestPage{Scanned: strings.TrimSpace(c.r.FormValue("item")), requestForm: form, Pickups: c.pickups(form.Pickup)}
	if shown.Scanned != "" {
		found, err := c.findWanted(shown.Scanned)
		_, said := refused(err)
		switch {
		case said && c.r.PostForm.Has("mms_id"): // what stands against it stands against the preview, too
			found = &wanted{MMSID: c.r.PostFormValue("mms_id"), Title: c.r.PostFormValue("title")}
		case said:
			shown.Missing, status = c.refusals(err), http.StatusUnprocessableEntity
		case err != nil:
			return err
		}
		shown.Wanted = found
	}
	p.Content = shown
	return c.showAs(status, "patron/new-request/pickup", p)
}

// findWanted is what has the barcode, or else the MMS id, that was scanned.
func (c *call) findWanted(scanned string) (*wanted, error) {
	i, err := get[alma.Item](c, "/items", url.Values{"item_barcode": {scanned}})
	if err == nil {
		return &wanted{
			MMSID: i.Bib.MMSID, Title: i.Bib.Title, Author: i.Bib.Author, CallNumber: i.Holding.CallNumber,
			ItemID: i.Data.PID, Barcode: i.Data.Barcode, Description: i.Data.Description, Library: i.Data.Library.Desc,
			Process: c.look.worded("requests.process.", i.Data.ProcessType.Value, i.Data.ProcessType.Desc),
		}, nil
	}
	if !hasCode(err, alma.ItemNotFoundForBarcode("").Code) {
		return nil, err
	}
	form := requestForm{Type: string(fulfillment.Hold), Pickup: c.Institution.Libraries[0].Code}
	r, err := c.askForRequest(url.Values{"mms_id": {scanned}, "op": {"preview"}}, form.request(""))
	if err != nil {
		return nil, err
	}
	return &wanted{MMSID: r.MMSID, Title: r.Title, Author: r.Author}, nil
}

// placeRequest answers POST /desk/patrons/{user_id}/requests/new.
func (c *call) placeRequest() error {
	form := c.requestForm()
	query := url.Values{"mms_id": {c.r.PostFormValue("mms_id")}}
	description := c.r.PostFormValue("description")
	if form.OnlyCopy {
		query.Set("item_pid", c.r.PostFormValue("item_pid"))
	}
	placed, err := c.askForRequest(query, form.request(description))
	if _, said := refused(err); said {
		return c.again("requests", c.refusals(err), func(status int, p *patronPage) error { return c.showNewRequest(status, p, form) })
	}
	if err != nil {
		return err
	}
	c.good("requests.placed", placed.Title, c.look.Number(placed.PlaceInQueue))
	c.redirect(patronPath(c.patronID()) + "/requests")
	return nil
}

// askForRequest asks the API for a request. It refuses one that is the same as an active one, such as a form that is sent
// twice.
func (c *call) askForRequest(query url.Values, r alma.Request) (alma.Request, error) {
	return as[alma.Request](c.ask(question{method: http.MethodPost, path: userPath(c.patronID()) + "/requests", query: query, body: r}))
}

// requestForm reads the form.
func (c *call) requestForm() requestForm {
	return requestForm{
		Type: c.typed("type"), Pickup: c.typed("pickup"), Until: c.typed("until"), Comment: c.typed("comment"), OnlyCopy: c.typed("copy") == "only",
		Chapter: c.typed("chapter"), ChapterAuthor: c.typed("chapter_author"), From: c.typed("from"), To: c.typed("to"),
	}
}

// request is the request that is asked for, of that volume. Nothing that is digitised is fetched.
func (f requestForm) request(description string) alma.Request {
	r := alma.Request{Type: f.Type, LastInterestDate: f.Until, Comment: alma.NullText(f.Comment), Description: alma.NullText(description)}
	if f.Type != string(fulfillment.DigitizationRequest) {
		setPlace(&r, f.Pickup)
		return r
	}
	r.ChapterTitle, r.ChapterAuthor = f.Chapter, f.ChapterAuthor
	if f.From+f.To != "" {
		r.Pages = []alma.PagesRange{{From: f.From, To: f.To}}
	}
	r.PartialDigitization = f.Chapter+f.ChapterAuthor+f.From+f.To != ""
	return r
}

// pickupLibrary is a library with its places to fetch something at: the library itself, and each of its desks.
type pickupLibrary struct {
	Name   string
	Places []pickupPlace
}

// pickupPlace is such a place; its value is the code of the library, and that of the desk after a slash.
type pickupPlace struct {
	Value, Name string
	Chosen      bool
}

// pickups are the places of all libraries.
func (c *call) pickups(chosen string) []pickupLibrary {
	var all []pickupLibrary
	for _, library := range c.Institution.Libraries {
		places := []pickupPlace{{library.Code, library.Name, library.Code == chosen}}
		for _, d := range library.Desks {
			value := library.Code + "/" + d.Code
			places = append(places, pickupPlace{value, d.Name, value == chosen})
		}
		all = append(all, pickupLibrary{library.Name, places})
	}
	return all
}

// placeOf is where a request's item is to be fetched, as the value of a place, and setPlace sets it.
func placeOf(r alma.Request) string {
	if r.PickupDesk == "" {
		return r.PickupLibrary
	}
	return r.PickupLibrary + "/" + r.PickupDesk
}

func setPlace(r *alma.Request, value string) {
	library, desk, atDesk := strings.Cut(value, "/")
	r.PickupType, r.PickupLibrary, r.PickupDesk, r.PickupLocation = "LIBRARY", library, desk, ""
	if atDesk {
		r.PickupType = "CIRCULATION_DESK"
	}
}

package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/session"
)

// patronPage is the page of a patron, with one of its tabs open.
type patronPage struct {
	User alma.User
	ETag string // of the record
	Tab  string
	// Blocks are those in force, and Notes those that are to pop up.
	Blocks []alma.UserBlock
	Notes  []alma.UserNote
	// Expired says that the record's last day is over.
	Expired bool
	// Lends says that the staff member may see loans and the rest of fulfilment.
	Lends           bool
	Loans, Overdue  int
	Requests, Shelf int
	Balance         string
	Owes            bool
	Opened          time.Time
	Content         any
	Refusal         []string // why what was just asked for was not done
	activeLoans     []alma.ItemLoan
	activeRequests  []alma.Request
}

// mostListed is how many rows the API gives of a list at once.
const mostListed = 100

// patron reads what the page of a patron shows on every tab, at once. The page opens a visit where the session knows none.
func (c *call) patron(tab string) (*patronPage, error) {
	p := &patronPage{Tab: tab, Lends: c.caller.May(auth.FulfilmentRead)}
	id := c.patronID()
	group := new(errgroup.Group)
	group.Go(func() (err error) {
		expand := url.Values{}
		if p.Lends {
			expand.Set("expand", "fees")
		}
		a := c.ask(question{method: "GET", path: userPath(id), query: expand})
		p.User, err = as[alma.User](a)
		p.ETag = a.tag()
		return err
	})
	if p.Lends {
		group.Go(func() error {
			loans, err := get[alma.ItemLoans](c, userPath(id)+"/loans", listing("order_by", "due_date"))
			p.activeLoans, p.Loans = loans.ItemLoan, loans.Total
			return err
		})
		group.Go(func() error {
			requests, err := get[alma.Requests](c, userPath(id)+"/requests", listing())
			p.activeRequests, p.Requests = requests.Request, requests.Total
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	p.Lends = p.Lends && !p.Contact() // who works for a vendor borrows nothing
	c.count(p)
	return p, c.visit(p)
}

// listing are the parameters of a list that asks for as much as the API gives, and for what else is named.
func listing(more ...string) url.Values {
	v := url.Values{"limit": {strconv.Itoa(mostListed)}}
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

// count fills in the figures and warnings of the patron's card.
func (c *call) count(p *patronPage) {
	now := c.Now()
	for _, l := range p.activeLoans {
		if inHand(l) && overdue(l, now) {
			p.Overdue++
		}
	}
	for _, r := range p.activeRequests {
		if r.Status == onHoldShelf {
			p.Shelf++
		}
	}
	if f := p.User.Fees; f != nil {
		p.Balance = f.Value
		p.Owes = strings.Trim(f.Value, "0.") != "" && !strings.HasPrefix(f.Value, "-")
	}
	p.Blocks = slices.DeleteFunc(slices.Clone(p.User.Blocks), func(b alma.UserBlock) bool {
		end, err := time.Parse(time.RFC3339, b.ExpiryDate)
		return b.Status != "ACTIVE" || err == nil && !now.Before(end)
	})
	p.Notes = slices.DeleteFunc(slices.Clone(p.User.Notes), func(n alma.UserNote) bool { return !n.PopupNote })
	p.Expired = p.User.ExpiryDate != "" && strings.TrimSuffix(p.User.ExpiryDate, "Z") < c.today()
}

// onHoldShelf is the status of a request whose item can be fetched.
const onHoldShelf = "ON_HOLD_SHELF"

func overdue(l alma.ItemLoan, now time.Time) bool {
	due, err := time.Parse(time.RFC3339, string(l.DueDate))
	return err == nil && now.After(due)
}

// today is the day on the library's clocks, YYYY-MM-DD.
func (c *call) today() string { return c.Now().In(c.zone()).Format(time.DateOnly) }

// visit is when serving the patron began. A page that was opened by its address begins it.
func (c *call) visit(p *patronPage) error {
	if v, ok := c.session.Visit(p.User.PrimaryID); ok {
		p.Opened = v.Opened
		return nil
	}
	v := session.Visit{PrimaryID: p.User.PrimaryID, Name: displayName(p.User), Opened: c.Now()}
	p.Opened = v.Opened
	return c.remember(func(s *session.Session) { s.Open(v) })
}

// again shows a tab of the patron's page again, as it is now, and why what was asked for there was not done.
func (c *call) again(tab string, why []string, show func(status int, p *patronPage) error) error {
	p, err := c.patron(tab)
	if err != nil {
		return err
	}
	p.Refusal = why
	return show(http.StatusUnprocessableEntity, p)
}

// showTab answers with a tab of the patron's page.
func (c *call) showTab(status int, p *patronPage, content any) error {
	p.Content = content
	return c.showAs(status, "patron/"+p.Tab, p)
}

// Name is the name the patron goes by.
func (p *patronPage) Name() string { return displayName(p.User) }

// External reports whether the patron's record is the SIS's.
func (p *patronPage) External() bool { return p.User.AccountType.Value == "EXTERNAL" }

// Contact reports whether the record is a vendor's contact person.
func (p *patronPage) Contact() bool { return p.User.RecordType.Value == "CONTACT" }

// Inactive reports whether the record is inactive, which stops everything.
func (p *patronPage) Inactive() bool { return p.User.Status.Value == "INACTIVE" }

// Barcode is the first active barcode, or "".
func (p *patronPage) Barcode() string {
	for _, id := range p.User.Identifiers {
		if id.Status == "ACTIVE" && strings.EqualFold(id.Type.Value, "BARCODE") {
			return id.Value
		}
	}
	return ""
}

// displayName is the name a person goes by: preferred names where there are any.
func displayName(u alma.User) string {
	pick := func(preferred, official string) string {
		if preferred != "" {
			return preferred
		}
		return official
	}
	name := strings.Join(strings.Fields(strings.Join([]string{
		pick(u.PrefFirstName, u.FirstName), pick(u.PrefMiddleName, u.MiddleName), pick(u.PrefLastName, u.LastName), u.PrefNameSuffix}, " ")), " ")
	if name == "" {
		return u.PrimaryID
	}
	return name
}

func itoa(n int) string { return strconv.Itoa(n) }

// atoi is the number a text is, or 0. No list is longer than the largest.
func atoi(text string) int {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return int(n)
}

// turn are the addresses of the pages of a list before and after the one that shows most rows, after the first from of them;
// empty where there is none.
func turn(from, most, total int, at func(from int) string) (before, after string) {
	if from > 0 {
		before = at(max(0, from-most))
	}
	if from+most < total {
		after = at(from + most)
	}
	return before, after
}

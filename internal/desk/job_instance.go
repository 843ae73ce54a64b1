package desk

import (
	"net/http"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"patrondesk/internal/alma"
	"patrondesk/internal/auth"
	"patrondesk/internal/job"
)

// instancePage is the work on one file.
type instancePage struct {
	Job      shownJob
	Instance shownInstance
	// Phase, Rate and Left say what is being done, how fast, and for how long yet; Percent how much is done. They are of a
	// job that runs.
	Phase, Rate, Left, Percent string
	Figures                    figures  // what was counted
	Forecast                   *figures // what a first look at the file said would happen
	Breaches                   []string // the limits it would go over
	Reason                     string   // in the API's words
	ToDo                       string
	Reads                      bool // whether the staff member may see records
	Refusal                    []string
	refreshing
}

// figures are totals, and what some of these are besides, where that is anything.
type figures struct{ Totals, More []figure }

// figure is a number with what it counts.
type figure struct {
	Label, Number string
	Hue           string // the class of a number that matters
}

// readInstance reads the work on the file the page is about, and its job.
func (c *call) readInstance() (shownJob, shownInstance, error) {
	var of alma.Job
	var one alma.JobInstance
	group := new(errgroup.Group)
	group.Go(func() (err error) {
		of, err = get[alma.Job](c, apiJob(c.jobID()), nil)
		return err
	})
	group.Go(func() (err error) {
		one, err = get[alma.JobInstance](c, apiInstance(c.jobID(), c.r.PathValue("instance_id")), nil)
		return err
	})
	err := group.Wait()
	return c.shownJob(of), newShownInstance(one), err
}

// jobInstance answers GET /desk/jobs/{job_id}/{instance_id}. With release it asks whether to let a held job go on.
func (c *call) jobInstance() error {
	of, one, err := c.readInstance()
	if err != nil {
		return err
	}
	if c.r.FormValue("release") != "" && one.State == string(job.Held) && c.caller.ReleasesJobs {
		return c.show("job-parts/release", c.instancePage(of, one))
	}
	return c.showInstance(http.StatusOK, of, one, nil)
}

// showInstance answers with the page, and with why something was not done.
func (c *call) showInstance(status int, of shownJob, one shownInstance, refusal []string) error {
	p := c.instancePage(of, one)
	p.Refusal = refusal
	if status == http.StatusOK {
		p.refreshing = c.refresh(one.State == string(job.Running) || one.State == releasedState)
	}
	return c.showAs(status, "job-parts/job-instance", p)
}

// releaseJob answers POST /desk/jobs/{job_id}/{instance_id}: a held job goes on.
func (c *call) releaseJob() error {
	a := c.ask(question{
		method: http.MethodPost, path: apiInstance(c.jobID(), c.r.PathValue("instance_id")), query: map[string][]string{"op": {"release"}},
	})
	if a.err == nil {
		c.good("jobs.released")
		c.redirect(instancePath(c.jobID(), c.r.PathValue("instance_id")))
		return nil
	}
	if _, said := refused(a.err); !said {
		return a.err
	}
	of, one, err := c.readInstance()
	if err != nil {
		return err
	}
	return c.showInstance(http.StatusUnprocessableEntity, of, one, c.refusals(a.err))
}

// instancePage says everything about the work on a file in the words of the page.
func (c *call) instancePage(of shownJob, one shownInstance) instancePage {
	p := instancePage{Job: of, Instance: one, Reads: c.caller.May(auth.UsersRead), ToDo: c.toDo(of.Kind, one)}
	p.Figures = c.counted(of.Kind, one)
	p.Forecast = c.foretold(of.Kind, one.Patrondesk.Forecast)
	for _, b := range one.Patrondesk.Breaches {
		p.Breaches = append(p.Breaches, c.breach(b))
	}
	if len(p.Breaches) == 0 {
		p.Reason = reasonOf(one.Alerts)
	}
	c.progress(&p)
	return p
}

// reasonOf is why a job failed, or what else the API says of it. It is in the API's words.
func reasonOf(alerts []alma.Code) string {
	i := slices.IndexFunc(alerts, func(a alma.Code) bool { return a.Value == "patrondesk_reason" })
	if i < 0 {
		return ""
	}
	return alerts[i].Desc
}

// toDo is what staff can do about a file that was not taken as it was, or "".
func (c *call) toDo(kind string, one shownInstance) string {
	switch {
	case one.State == string(job.CompletedWithErrors) && one.Patrondesk.DryRun:
		return c.look.words.say("jobs.to-do.dry-run")
	case one.State == string(job.CompletedWithErrors) && kind == job.Items:
		return c.look.words.say("jobs.to-do.items")
	case one.State == string(job.CompletedWithErrors) && one.Patrondesk.RejectedKey != "":
		return c.look.words.say("jobs.to-do.COMPLETED_WITH_ERRORS")
	case one.State == string(job.Failed):
		return c.look.words.say("jobs.to-do.FAILED")
	}
	return ""
}

// progress fills in how far a job that runs is.
func (c *call) progress(p *instancePage) {
	if p.Instance.State != string(job.Running) {
		return
	}
	own, say := p.Instance.Patrondesk, c.look.words.say
	p.Percent = c.look.Percent(float64(p.Instance.Progress))
	p.Phase = say("jobs.phase." + own.Phase)
	if rate := int(own.RecordsPerSecond); rate > 0 {
		p.Rate = say("jobs.rate", c.look.Number(int(own.Records)), c.look.Number(rate))
	}
	switch seconds := int(own.SecondsRemaining); {
	case seconds >= 90:
		p.Left = c.look.words.count(c.look.Tag(), "jobs.minutes-left", (seconds+30)/60, c.look.Number((seconds+30)/60))
	case seconds > 0:
		p.Left = c.look.words.count(c.look.Tag(), "jobs.seconds-left", seconds, c.look.Number(seconds))
	}
}

// addFigure adds a figure, by its code; said is what the API says it counts. Totals are shown even when they are 0.
func (c *call) addFigure(to *figures, kind, code, said string, n int, total bool) {
	f := figure{c.counts(kind, code, said), c.look.Number(n), hue(code, n)}
	switch {
	case total:
		to.Totals = append(to.Totals, f)
	case n > 0:
		to.More = append(to.More, f)
	}
}

// counted are the figures of what was done.
func (c *call) counted(kind string, one shownInstance) (all figures) {
	for _, counter := range one.Counters {
		code, total := strings.CutPrefix(counter.Type.Value, "total_")
		c.addFigure(&all, kind, strings.TrimPrefix(code, "patrondesk_"), counter.Type.Desc, atoi(counter.Value), total)
	}
	return all
}

// foretold are the figures of a forecast, nil for none.
func (c *call) foretold(kind string, f *alma.JobForecast) *figures {
	if f == nil {
		return nil
	}
	all := new(figures)
	for i, one := range []struct {
		code string
		n    int
	}{
		{"processed", f.Processed}, {"created", f.Created}, {"updated", f.Updated}, {"unchanged", f.Unchanged}, {"rejected", f.Rejected},
		{"blanked", f.Blanked}, {"blanked_emails", f.BlankedEmails}, {"blanked_addresses", f.BlankedAddresses}, {"identifiers", f.Identifiers},
		{"protected", f.Protected}, {"deactivated", f.Deactivated}, {"missing", f.Missing}, {"inactivated", f.Inactivated},
	} {
		c.addFigure(all, kind, one.code, one.code, one.n, i < 5)
	}
	return all
}

// counts is what a figure of a kind of jobs counts, by its code; otherwise is what is said of one there are no words for.
func (c *call) counts(kind, code, otherwise string) string {
	for _, key := range []string{"jobs.figure." + kind + "." + code, "jobs.figure." + code} {
		if text, ok := c.look.words[key]; ok {
			return text
		}
	}
	return otherwise
}

// hue is the class of a figure: rejected records matter, and so do people who lose something.
func hue(code string, n int) string {
	switch {
	case n == 0:
		return ""
	case code == "rejected":
		return "bad"
	case strings.HasPrefix(code, "blanked") || code == "inactivated" || code == "deactivated" || code == "identifiers":
		return "warn"
	}
	return ""
}

// breach is a limit that the file goes over, as a sentence.
func (c *call) breach(b alma.JobBreach) string {
	key := "jobs.breach." + b.Measure
	if _, ok := c.look.words[key]; !ok || b.Of == 0 {
		return b.Words
	}
	percent := func(share float64) string { return c.look.Percent(job.Rounded(100 * share)) }
	return c.look.words.say(key, c.look.Number(b.Count), c.look.Number(b.Of), percent(b.Share), percent(b.Limit))
}

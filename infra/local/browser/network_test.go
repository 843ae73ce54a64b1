package browser

import (
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// delay keeps what the tab asks of addresses like that waiting until goOn is called.
func (b *tab) delay(address string) (goOn func()) {
	b.t.Helper()
	command(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: address}}})
	return func() { command(b, fetch.Disable, cdp.Empty{}) }
}

// loseAnswers loses what the library answers to addresses like that, after it did what it was asked for.
func (b *tab) loseAnswers(address string) (noMore func()) {
	b.t.Helper()
	paused := chromedp.Events(b.ctx, fetch.RequestPaused)
	command(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: address, RequestStage: fetch.RequestStageResponse}}})
	go func() {
		for e, err := range paused {
			if err == nil {
				_, err = chromedp.Call(b.ctx, fetch.FailRequest, fetch.FailRequestParams{RequestID: e.RequestID, ErrorReason: network.ErrorReasonConnectionReset})
			}
			if err != nil {
				return // the test is over
			}
		}
	}()
	return func() { command(b, fetch.Disable, cdp.Empty{}) }
}

// turnAway has the next request to addresses like that answered with a status and no page, as a gateway does that has too
// much to do.
func (b *tab) turnAway(address string, status int64) {
	b.t.Helper()
	paused := chromedp.Events(b.ctx, fetch.RequestPaused)
	command(b, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: address}}})
	go func() {
		for e, err := range paused {
			if err == nil {
				_, err = chromedp.Call(b.ctx, fetch.FulfillRequest, fetch.FulfillRequestParams{
					RequestID: e.RequestID, ResponseCode: status, Body: []byte(`{"message":"Too Many Requests"}`),
				})
			}
			if err == nil {
				_, _ = chromedp.Call(b.ctx, fetch.Disable, cdp.Empty{})
			}
			return
		}
	}()
}

// offline cuts the tab off, or connects it again.
func (b *tab) offline(is bool) {
	b.t.Helper()
	command(b, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
		MatchedNetworkConditions: []*network.Conditions{{Offline: is, DownloadThroughput: -1, UploadThroughput: -1}},
	})
}

// sessionCookie is the cookie that holds a session.
const sessionCookie = "patrondesk"

// endSession makes the tab's session end, as time would.
func (b *tab) endSession() {
	b.t.Helper()
	command(b, network.DeleteCookies, network.DeleteCookiesParams{Name: sessionCookie, URL: b.url})
}

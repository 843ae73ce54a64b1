// Package browser holds the tests of the staff desk in a browser, as staff use it: the whole product on this machine,
// with sign-in, database, object store and mailbox, and a Chromium that types and clicks. All tests share one run and one
// browser; each has tabs with cookies of their own, and patrons and items of its own.
package browser

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"patrondesk/infra/local/process"
	"patrondesk/internal/dynamo/embedded"
)

// BrowserSetting is the environment variable that tells where Chromium is, when it is not on PATH.
const BrowserSetting = "CHROME_BIN"

func TestMain(m *testing.M) {
	code := m.Run()
	for _, end := range slices.Backward(atEnd) {
		end()
	}
	os.Exit(code)
}

// product is the run all tests share.
type product struct {
	url, signInURL, mailbox string
	key                     string   // for everything the API does
	log                     string   // of the functions
	binary, data            string   // the program, and where it keeps what it keeps
	settings                []string // of its environment
	chromium                context.Context
}

var (
	// open starts product and browser when the first test needs them.
	open = sync.OnceValues(func() (*product, error) {
		dir, err := os.MkdirTemp("", "patrondesk-browser-")
		if err != nil {
			return nil, err
		}
		atEnd = append(atEnd, func() { os.RemoveAll(dir) })
		return start(dir)
	})
	// atEnd is what is to be done when all tests are over, the last first. Only open adds to it.
	atEnd []func()
)

// library is the product, running. Without what it needs the test is skipped, or fails where CI is set.
func library(t testing.TB) *product {
	t.Helper()
	if missing := missing(); missing != "" {
		if os.Getenv("CI") != "" {
			t.Fatal(missing)
		}
		t.Skip(missing)
	}
	p, err := open()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// missing says what this machine lacks, or nothing.
func missing() string {
	_, engine := embedded.Find()
	_, node := exec.LookPath("node")
	_, mailbox := os.Stat("../node_modules/aws-ses-v2-local")
	_, axe := os.Stat(axeFile)
	if engine != nil || node != nil || mailbox != nil || axe != nil {
		return `no engines: run "npm ci --prefix infra/local" first`
	}
	if chromium() == "" {
		return "no Chromium: install it, or set " + BrowserSetting + " to it"
	}
	return ""
}

// chromium is the path of the browser, or "".
func chromium() string {
	if named := os.Getenv(BrowserSetting); named != "" {
		return named
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// start builds the product, runs it with data of its own under dir, and starts the browser.
func start(dir string) (*product, error) {
	binary := filepath.Join(dir, "local")
	if out, err := exec.Command("go", "build", "-o", binary, "patrondesk/infra/local").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the product: %w: %s", err, out)
	}
	var settings []string
	ports := map[string]int{}
	for _, name := range []string{"API_PORT", "MAILBOX_PORT", "S3_PORT", "DYNAMODB_PORT", "SIGNIN_PORT"} {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		ports[name] = port
		settings = append(settings, name+"="+strconv.Itoa(port))
	}
	said, data := filepath.Join(dir, "said"), filepath.Join(dir, "data")
	child, err := process.Start("product", said, slices.Concat([]string{"env"}, settings, []string{binary, "-dir", data})...)
	if err != nil {
		return nil, err
	}
	atEnd = append(atEnd, func() { child.Stop(20 * time.Second) })
	if err := ready(said, child.Done()); err != nil {
		return nil, err
	}
	p := &product{
		url: onPort(ports["API_PORT"]), signInURL: onPort(ports["SIGNIN_PORT"]), mailbox: onPort(ports["MAILBOX_PORT"]),
		log: filepath.Join(data, "functions.log"), binary: binary, data: data, settings: settings,
	}
	if p.key, err = apiKey(filepath.Join(data, "demo.env")); err != nil {
		return nil, err
	}
	list, err := shelf(dir)
	if err != nil {
		return nil, err
	}
	if err := p.drop("-file", list, "-items"); err != nil {
		return nil, err
	}
	p.chromium, err = startChromium()
	return p, err
}

func onPort(port int) string { return "http://127.0.0.1:" + strconv.Itoa(port) }

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// ready waits until the product says that it is open.
func ready(said string, ended <-chan struct{}) error {
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		text, err := os.ReadFile(said)
		if err != nil {
			return err
		}
		if strings.Contains(string(text), "Ctrl-C stops it") {
			return nil
		}
		select {
		case <-ended:
			return fmt.Errorf("the product ended: %s", text)
		case <-time.After(20 * time.Millisecond):
		}
	}
	return fmt.Errorf("the product is not ready after a minute")
}

// apiKey is the API key for everything that the run wrote down.
func apiKey(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(text)) {
		if key, ok := strings.CutPrefix(strings.TrimSpace(line), "API_KEY="); ok {
			return key, nil
		}
	}
	return "", fmt.Errorf("%s names no API key", path)
}

// startChromium starts a browser without a window, which talks to nobody but the product.
func startChromium() (context.Context, error) {
	ctx, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.ExecPath(chromium()), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.NoDefaultBrowserCheck, chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.Flag("disable-background-timer-throttling", true), chromedp.Flag("disable-backgrounding-occluded-windows", true),
		chromedp.Flag("disable-renderer-backgrounding", true), chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("lang", "en-GB"), chromedp.Flag("accept-lang", "en-GB"))
	atEnd = append(atEnd, stop)
	browser, closeBrowser := chromedp.NewContext(ctx)
	atEnd = append(atEnd, closeBrowser)
	if err := chromedp.Do(browser); err != nil {
		return nil, fmt.Errorf("start Chromium: %w", err)
	}
	return browser, nil
}

// drop has the product import a file, and waits until that is done.
func (p *product) drop(args ...string) error {
	c := exec.Command(p.binary, append([]string{"import", "-dir", p.data}, args...)...)
	c.Env = append(os.Environ(), p.settings...)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("import %q: %w: %s", args, err, out)
	}
	return nil
}

// lastRequests are the last requests in the functions' log.
func (p *product) lastRequests() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for i, line := range lines {
		lines[i], _, _ = strings.Cut(line, `,"_aws"`)
	}
	return strings.Join(lines[max(0, len(lines)-12):], "\n")
}

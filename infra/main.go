// Command infra is the CDK app that deploys patrondesk into a library's own AWS account: one stack, made from
// functions.All. It is run by the CDK CLI, or alone with CDK_OUTDIR naming where the templates go.
package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

func main() {
	defer jsii.Close()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "patrondesk:", err)
		jsii.Close()
		os.Exit(1)
	}
}

func run() error {
	app := newApp("")
	settings, err := settingsFrom(contextOf(app))
	if err != nil {
		return err
	}
	newStack(app, settings)
	app.Synth(nil)
	return nil
}

// newApp is the app. An empty outdir leaves the choice to CDK_OUTDIR. Nothing is added that only the CLI would, so that
// the template is the same with and without it.
func newApp(outdir string) awscdk.App {
	props := &awscdk.AppProps{AnalyticsReporting: jsii.Bool(false), TreeMetadata: jsii.Bool(false)}
	if outdir != "" {
		props.Outdir = jsii.String(outdir)
	}
	return awscdk.NewApp(props)
}

// Command print prints template.yaml.
//
//	go run ./samtemplate/print > ../template.yaml
package main

import (
	"flag"
	"fmt"
	"os"

	"patrondesk/infra/samtemplate"
)

func main() {
	var o samtemplate.Options
	flag.StringVar(&o.Code, "code", "dist", "the folder of the built functions, relative to the template")
	flag.StringVar(&o.Arch, "arch", "arm64", "the processor: arm64 or x86_64 (or as Go says it, amd64)")
	flag.BoolVar(&o.Local, "local", false, "for `sam local` with the stand-ins of the local run")
	flag.StringVar(&o.DynamoDB, "dynamodb", "", "where `sam local` finds DynamoDB; the local run's when empty")
	flag.StringVar(&o.S3, "s3", "", "where `sam local` finds S3")
	flag.StringVar(&o.SES, "ses", "", "where `sam local` finds SES")
	flag.Parse()
	if o.Arch == "amd64" {
		o.Arch = "x86_64"
	}
	if err := samtemplate.Write(os.Stdout, o); err != nil {
		fmt.Fprintln(os.Stderr, "print the template:", err)
		os.Exit(1)
	}
}

// Command generate writes a SIS file of invented people, for trials and measurements; package synthetic tells what is in
// it. The name of the file says what it becomes: .xml, .csv, either with .gz behind, or .zip with one file in it.
//
//	go run ./internal/sis/synthetic/generate -people 100000 -out users.zip
//	go run ./internal/sis/synthetic/generate -people 100000 -night 1 -changed 0.01 -new 0.005 -gone 0.005 -out users.zip
package main

import (
	"flag"
	"fmt"
	"os"

	"patrondesk/internal/sis/synthetic"
)

func main() {
	var c synthetic.Config
	flag.IntVar(&c.People, "people", 1000, "how many people there are on night 0")
	flag.Uint64Var(&c.Seed, "seed", 1, "another one gives people of the same identifiers other names and addresses")
	flag.IntVar(&c.Night, "night", 0, "write the file of that night after the first load")
	flag.Float64Var(&c.Changed, "changed", 0, "the share of the people who have another address or e-mail address each night, 0.01 for 1 %")
	flag.Float64Var(&c.New, "new", 0, "the share who are new each night, at the end of the file")
	flag.Float64Var(&c.Gone, "gone", 0, "the share who are missing from each night on")
	flag.Float64Var(&c.BlankEmails, "blank-emails", 0, "the share whose e-mail addresses are blank in this file")
	flag.IntVar(&c.Swapped, "swap-cards", 0, "how many pairs of people have each other's barcode in this file")
	out := flag.String("out", "", "the file: .xml, .csv, .xml.gz, .csv.gz, .zip; - for standard output")
	asCSV := flag.Bool("csv", false, "write CSV, whatever the file is called")
	mapping := flag.Bool("mapping", false, "print the setting csv of a profile that reads the CSV file, and write nothing")
	flag.Parse()
	if *mapping {
		fmt.Print(synthetic.Mapping)
		return
	}
	if *out == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "generate: name the file with -out; every other setting is a flag")
		os.Exit(2)
	}
	if err := write(c, *out, *asCSV); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
	fmt.Fprintf(os.Stderr, "%s: %d people; %s\n", *out, c.Records(), effect(c))
}

// effect says what the file does after the one it follows: that of the night before, or on night 0 the same without
// blank addresses and exchanged cards.
func effect(c synthetic.Config) string {
	first := synthetic.Config{People: c.People, Seed: c.Seed}
	after, n := "the file of the night before", c.Expected()
	switch {
	case c.Night == 0 && c.BlankEmails == 0 && c.Swapped == 0:
		after = "no other file"
	case c.Night == 0:
		after, n = "the same file with all e-mail addresses and cards", c.Against(first)
	}
	return fmt.Sprintf("after %s: %d created, %d updated (%d lose their e-mail addresses), %d unchanged, %d missing",
		after, n.Created, n.Updated, n.Blanked, n.Unchanged, n.Missing)
}

package deployment

import (
	"fmt"
	"regexp"
	"strings"

	"patrondesk/functions"
)

const (
	// RoundTries and RoundHours are how often, and for how long, the scheduler tries to begin a round; after that the
	// message goes to the queue of what could not be delivered.
	RoundTries = 185
	RoundHours = 6
	// RunsPrefix is where the reports of rounds lie, and RunsDays how long.
	RunsPrefix = "runs/"
	RunsDays   = 90
	// RoundPattern is the regular expression of the setting of a round: whether it is made, or when.
	RoundPattern = `^(on|off|(cron|rate)\([^()]+\))$`
)

// scheduledTime is the scheduler's own name for the time a round was to begin: 2026-11-23T03:30:00Z.
const scheduledTime = "<aws.scheduler.scheduled-time>"

// RoundMessage is what the scheduler sends the function of a round, in the form in which the rule on the bucket's events
// tells it of a dropped file. The object need not exist: a round is told from others by its name, which is its time, so
// that one that is begun twice is made once.
//
// The scheduler could put an object into the bucket instead, by its universal target for S3. It is not documented in
// what form that takes an object's body, and a message to a FIFO queue is.
func RoundMessage(bucket string, r functions.Round) string {
	values := map[string]string{
		"bucket": bucket, "key": r.Folder + scheduledTime, "etag": scheduledTime, "sequencer": scheduledTime, "time": scheduledTime,
	}
	var fields []string
	for _, f := range DropFields() {
		if value, told := values[f.Name]; told {
			fields = append(fields, `"`+f.Name+`":"`+value+`"`)
		}
	}
	return "{" + strings.Join(fields, ",") + "}"
}

// RoundSetting names the setting of the function's round: HoldShelfRound. It is "on" or "off", or on at the times it says.
func RoundSetting(function string) string { return camel(function) + "Round" }

// RoundDefault is the setting where the deployment says nothing.
func RoundDefault(r functions.Round) string {
	if r.Off {
		return "off"
	}
	return "on"
}

// RoundWhen is when a round is made by its setting, and whether it is made at all.
func RoundWhen(r functions.Round, setting string) (when string, made bool, err error) {
	if !regexp.MustCompile(RoundPattern).MatchString(setting) {
		return "", false, fmt.Errorf("%q is neither on, off, nor times such as cron(30 3 * * ? *)", setting)
	}
	if setting == "on" || setting == "off" {
		return r.When, setting == "on", nil
	}
	return setting, true, nil
}

// RoundStatements are what the scheduler may do to begin the function's round.
func RoundStatements(f functions.Function) []Statement {
	return []Statement{{
		Sid: "Round", Actions: []string{"sqs:SendMessage"}, On: []Resource{{ID: QueueID(f.Name)}, {ID: UndeliveredID(f.Name)}},
	}}
}

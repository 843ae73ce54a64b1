// Package functions lists every Lambda function of patrondesk as data: what starts it, what it may touch, how large
// it is. The CDK app, the local run and template.yaml are made from this list, and tests hold them together.
// It refers to no handler: a table that did would link all of them into every binary.
package functions

import (
	"slices"
	"strings"
	"time"
)

// Function is one Lambda function; its folder below this one has its name.
type Function struct {
	Name string
	// Does is the description shown in the console, one sentence.
	Does string
	// Routes are what the HTTP API sends it, as "METHOD /path/{parameter}".
	Routes []string
	// Drops are the prefixes of the bucket whose new objects start it, through a FIFO queue; none for no such function.
	Drops []string
	// Round is when the function's round is made; nil for a function that makes none.
	Round   *Round
	Tables  []Grant
	Bucket  []Access // of the one bucket
	Email   bool     // may send with SES, from the institution's address alone
	Memory  int      // MB
	Timeout time.Duration
	// SignIn says that callers may come with an OIDC token, so that the issuer is among its settings.
	SignIn bool
	// Pages says that it serves pages at which people sign in and out.
	Pages bool
}

// Round is what a function does at set times, each time as if an object were dropped under Folder, which is one of the
// function's Drops, with the time for its name.
type Round struct {
	Folder string
	When   string // in the library's time zone, in the form of EventBridge Scheduler
	// Off says that it is made only where the deployment asks for it.
	Off bool
}

// Grant is what a function may do with a table. Actions are DynamoDB's, without "dynamodb:".
type Grant struct {
	Table   string
	Actions []string
	// Index is the index the actions may use too; empty for none.
	Index string
}

// Access is what a function may do with objects of the bucket. Actions are S3's, without "s3:".
type Access struct {
	// Objects are the patterns of the objects' keys, in which * stands for anything; none for the bucket itself.
	Objects []string
	Actions []string
}

// Covers reports whether the access is to the object of that key.
func (a Access) Covers(key string) bool {
	return slices.ContainsFunc(a.Objects, func(pattern string) bool {
		before, after, _ := strings.Cut(pattern, "*")
		return len(key) >= len(before)+len(after) && strings.HasPrefix(key, before) && strings.HasSuffix(key, after)
	})
}

// Table is a DynamoDB table.
type Table struct {
	Name string
	Sort bool   // has a sort key besides the partition key
	TTL  string // the attribute that ends items, empty for none
	// Passing says that what it holds is to be nowhere once it is over: there are no backups, and it goes with the stack.
	Passing bool
	// Index is its one index, nil for none.
	Index *Index
}

// Index is a global secondary index.
type Index struct {
	Name, Partition, Sort string
	Project               []string // attributes beyond the keys
}

// Tables are all tables. Their partition key is pk and their sort key, where they have one, sk; both strings.
// What their items look like is told in internal/dynamo/keys.go.
var Tables = []Table{
	{Name: "users", TTL: "ttl", Index: &Index{Name: "changed", Partition: "cb", Sort: "upd", Project: []string{"v", "sh", "s", "del"}}},
	{Name: "requests", Sort: true, TTL: "ttl"},
	{Name: "loans", Sort: true, TTL: "ttl", Index: &Index{Name: "worklist", Partition: "wl", Sort: "wk"}},
	{Name: "items", Index: &Index{Name: "title", Partition: "mms", Sort: "pk"}},
	{Name: "letters", Sort: true, TTL: "ttl"},
	{Name: "jobs"},
	{Name: "apikeys"},
	{Name: "sessions", TTL: "ttl", Passing: true}, // whom staff served, and what those brought back
}

// All are all functions, in the order of the README.
var All = []Function{
	{
		Name: "patron-lookup",
		Does: "Finds one patron by any identifier.",
		Routes: []string{
			"GET /almaws/v1/users/{user_id}",
			"GET /almaws/v1/users/{user_id}/provenance",
			"GET /almaws/v1/users/operation/test",
			"POST /almaws/v1/users/operation/test",
		},
		Tables: []Grant{
			{Table: "users", Actions: []string{"GetItem"}},
			{Table: "requests", Actions: []string{"Query"}},
			{Table: "loans", Actions: []string{"GetItem"}},
			{Table: "apikeys", Actions: []string{"GetItem"}},
		},
		Memory: 256, Timeout: 10 * time.Second, SignIn: true,
	},
	{
		Name:   "patron-search",
		Does:   "Lists and searches patrons in a directory it holds in memory.",
		Routes: []string{"GET /almaws/v1/users"},
		Tables: []Grant{
			{Table: "users", Actions: []string{"GetItem", "BatchGetItem", "Query"}, Index: "changed"},
			{Table: "apikeys", Actions: []string{"GetItem"}},
		},
		Memory: 1024, Timeout: 29 * time.Second, SignIn: true,
	},
	{
		Name: "user-update",
		Does: "Creates, changes, deletes and authenticates patrons.",
		Routes: []string{
			"POST /almaws/v1/users",
			"PUT /almaws/v1/users/{user_id}",
			"DELETE /almaws/v1/users/{user_id}",
			"POST /almaws/v1/users/{user_id}",
		},
		Tables: []Grant{
			{Table: "users", Actions: []string{"GetItem", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"}},
			{Table: "requests", Actions: []string{"Query", "DeleteItem"}},
			{Table: "loans", Actions: []string{"GetItem", "Query", "DeleteItem", "ConditionCheckItem"}},
			{Table: "letters", Actions: []string{"Query", "DeleteItem"}},
			{Table: "apikeys", Actions: []string{"GetItem"}},
		},
		Memory: 512, Timeout: 10 * time.Second, SignIn: true,
	},
	{
		Name: "loan-desk",
		Does: "Lends, renews and takes back items, and tells where they are.",
		Routes: []string{
			"GET /almaws/v1/users/{user_id}/loans",
			"POST /almaws/v1/users/{user_id}/loans",
			"GET /almaws/v1/users/{user_id}/loans/{loan_id}",
			"POST /almaws/v1/users/{user_id}/loans/{loan_id+}",
			"PUT /almaws/v1/users/{user_id}/loans/{loan_id}",
			"GET /almaws/v1/items",
			"POST /almaws/v1/items",
			"GET /almaws/v1/bibs/{mms_id}/holdings/{holding_id}/items/{item_pid}",
			"POST /almaws/v1/bibs/{mms_id}/holdings/{holding_id}/items/{item_pid}",
		},
		Tables: []Grant{
			{Table: "users", Actions: []string{"GetItem", "BatchGetItem", "ConditionCheckItem"}},
			{Table: "loans", Actions: []string{"GetItem", "BatchGetItem", "Query", "PutItem", "DeleteItem"}},
			{Table: "requests", Actions: []string{"GetItem", "BatchGetItem", "PutItem", "DeleteItem"}},
			{Table: "items", Actions: []string{"GetItem", "BatchGetItem"}},
			{Table: "apikeys", Actions: []string{"GetItem"}},
		},
		Memory: 512, Timeout: 10 * time.Second, SignIn: true,
	},
	{
		Name: "fee-desk",
		Does: "Lists, charges and settles patrons' fines and fees.",
		Routes: []string{
			"GET /almaws/v1/users/{user_id}/fees",
			"POST /almaws/v1/users/{user_id}/fees",
			"POST /almaws/v1/users/{user_id}/fees/all",
			"GET /almaws/v1/users/{user_id}/fees/{fee_id}",
			"POST /almaws/v1/users/{user_id}/fees/{fee_id}",
		},
		Tables: []Grant{
			{Table: "users", Actions: []string{"GetItem", "ConditionCheckItem"}},
			{Table: "loans", Actions: []string{"GetItem", "BatchGetItem", "Query", "PutItem", "DeleteItem"}},
			{Table: "items", Actions: []string{"GetItem"}},
			{Table: "apikeys", Actions: []string{"GetItem"}},
		},
		Memory: 256, Timeout: 20 * time.Second, SignIn: true,
	},
	{
		Name: "request-listing",
		Does: "Lists a patron's requests.",
		Routes: []string{
			"GET /almaws/v1/users/{user_id}/requests",
			"GET /almaws/v1/users/{user_id}/requests/{request_id}",
		},
		Tables: []Grant{
			{Table: "users", Actions: []string{"GetItem"}},
			{Table: "requests", Actions: []string{"GetItem", "BatchGetItem", "Query"}},
			{Table: "apikeys", Actions: []string{"GetItem"}},
		},
		Memory: 256, Timeout: 10 * time.Second, SignIn: true,
	},
	{
		Name: "request-update",
		Does: "Places, changes, advances and cancels requests.",
		Routes: []string{
			"POST /almaws/v1/users/{user_id}/requests",
			"PUT /almaws/v1/users/{user_id}/requests/{request_id}",
			"POST /almaws/v1/users/{user_id}/requests/{request_id}",
			"DELETE /almaws/v1/users/{user_id}/requests/{request_id}",
		},
		Tables: []Grant{
			{Table: "users", Actions: []string{"GetItem", "ConditionCheckItem"}},
			{Table: "requests", Actions: []string{"GetItem", "BatchGetItem", "Query", "PutItem", "DeleteItem"}},
			{Table: "loans", Actions: []string{"GetItem", "BatchGetItem", "PutItem", "DeleteItem"}},
			{Table: "items", Actions: []string{"GetItem", "BatchGetItem", "Query"}, Index: "title"},
			{Table: "letters", Actions: []string{"GetItem", "PutItem"}},
			{Table: "apikeys", Actions: []string{"GetItem"}},
		},
		Email:  true,
		Memory: 256, Timeout: 20 * time.Second, SignIn: true,
	},
	{
		Name: "report-sending",
		Does: "Sends activity letters to patrons and lists those sent.",
		Routes: []string{
			"POST /almaws/v1/users/{user_id}/letters",
			"GET /almaws/v1/users/{user_id}/letters",
		},
		Tables: []Grant{
			{Table: "users", Actions: []string{"GetItem", "ConditionCheckItem"}},
			{Table: "requests", Actions: []string{"Query", "BatchGetItem"}},
			{Table: "loans", Actions: []string{"Query"}},
			{Table: "letters", Actions: []string{"GetItem", "PutItem", "Query"}},
			{Table: "apikeys", Actions: []string{"GetItem"}},
		},
		Email:  true,
		Memory: 256, Timeout: 20 * time.Second, SignIn: true,
	},
	{
		Name: "configuration",
		Does: "Serves the institution's code tables, and tells of the jobs of dropped files.",
		Routes: []string{
			"GET /almaws/v1/conf/code-tables/{name}",
			"GET /almaws/v1/conf/test",
			"POST /almaws/v1/conf/test",
			"GET /almaws/v1/conf/jobs",
			"GET /almaws/v1/conf/jobs/{job_id}",
			"GET /almaws/v1/conf/jobs/{job_id}/instances",
			"POST /almaws/v1/conf/jobs/{job_id}/instances",
			"GET /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}",
			"POST /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}",
			"GET /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}/report",
			"GET /almaws/v1/conf/jobs/{job_id}/instances/{instance_id}/rejected",
		},
		Tables: []Grant{
			{Table: "users", Actions: []string{"GetItem"}},
			{Table: "jobs", Actions: []string{"GetItem", "BatchGetItem", "PutItem"}},
			{Table: "apikeys", Actions: []string{"GetItem"}},
		},
		Bucket: []Access{
			{Objects: []string{"sis/*.report.json", "items/*.report.json", "dry-run/*.report.json", "runs/*.report.json", "rejected/*"}, Actions: []string{"GetObject"}},
			// What lets a held job go on, and what browsers post by the forms it signs, which are worth no more than its role.
			{Objects: []string{"sis/*", "dry-run/*", "items/*"}, Actions: []string{"PutObject"}},
			// Without it S3 answers 403 for an object that is gone, which looks like an outage.
			{Actions: []string{"ListBucket"}},
		},
		Memory: 256, Timeout: 10 * time.Second, SignIn: true,
	},
	{
		Name: "staff-desk",
		Does: "Serves the pages library staff work in; holds the directory in memory once somebody searches.",
		Routes: []string{
			"GET /desk",
			"GET /desk/sign-in",
			"GET /desk/signed-in",
			"POST /desk/sign-out",
			"GET /desk/signed-out",
			"GET /desk/assets/{file}",
			"GET /desk/{page+}",
			"GET /desk/circulation-desk",
			"POST /desk/circulation-desk",
			"GET /desk/find",
			"GET /desk/suggestions",
			"GET /desk/patrons/{user_id}",
			"GET /desk/patrons/{user_id}/loans",
			"POST /desk/patrons/{user_id}/loans",
			"POST /desk/patrons/{user_id}/loans/{loan_id}",
			"GET /desk/patrons/{user_id}/loans/{loan_id}",
			"GET /desk/patrons/{user_id}/returns",
			"POST /desk/patrons/{user_id}/returns",
			"GET /desk/patrons/{user_id}/requests",
			"GET /desk/patrons/{user_id}/requests/new",
			"POST /desk/patrons/{user_id}/requests/new",
			"GET /desk/patrons/{user_id}/requests/{request_id}",
			"POST /desk/patrons/{user_id}/requests/{request_id}",
			"GET /desk/patrons/{user_id}/fees",
			"GET /desk/patrons/{user_id}/fees/new",
			"POST /desk/patrons/{user_id}/fees/new",
			"POST /desk/patrons/{user_id}/fees",
			"GET /desk/patrons/{user_id}/fees/{fee_id}",
			"POST /desk/patrons/{user_id}/fees/{fee_id}",
			"GET /desk/patrons/{user_id}/letters",
			"GET /desk/patrons/{user_id}/letters/{code}",
			"GET /desk/patrons/{user_id}/letters/{code}/preview",
			"POST /desk/patrons/{user_id}/letters/{code}",
			"GET /desk/patrons/{user_id}/history",
			"GET /desk/patrons/{user_id}/edit",
			"POST /desk/patrons/{user_id}/edit",
			"GET /desk/patrons/{user_id}/record",
			"GET /desk/patrons/{user_id}/record/{part}",
			"POST /desk/patrons/{user_id}/record/{part}",
			"GET /desk/register",
			"POST /desk/register",
			"GET /desk/contacts",
			"GET /desk/contacts/new",
			"POST /desk/contacts/new",
			"GET /desk/jobs",
			"GET /desk/jobs/{job_id}",
			"GET /desk/jobs/{job_id}/upload",
			"GET /desk/jobs/{job_id}/{instance_id}",
			"POST /desk/jobs/{job_id}/{instance_id}",
			"GET /desk/jobs/{job_id}/{instance_id}/report",
			"GET /desk/jobs/{job_id}/{instance_id}/rejected",
		},
		Tables: []Grant{
			{Table: "users", Actions: []string{"GetItem", "BatchGetItem", "Query", "PutItem", "DeleteItem", "ConditionCheckItem"}, Index: "changed"},
			{Table: "requests", Actions: []string{"GetItem", "BatchGetItem", "Query", "PutItem", "DeleteItem"}},
			{Table: "loans", Actions: []string{"GetItem", "BatchGetItem", "Query", "PutItem", "DeleteItem"}},
			{Table: "items", Actions: []string{"GetItem", "BatchGetItem", "Query"}, Index: "title"},
			{Table: "letters", Actions: []string{"GetItem", "PutItem", "Query"}},
			{Table: "jobs", Actions: []string{"GetItem", "BatchGetItem", "PutItem"}},
			{Table: "sessions", Actions: []string{"GetItem", "PutItem", "DeleteItem"}},
		},
		Bucket: []Access{
			{Objects: []string{"sis/*.report.json", "items/*.report.json", "dry-run/*.report.json", "runs/*.report.json", "rejected/*"}, Actions: []string{"GetObject"}},
			{Objects: []string{"sis/*", "dry-run/*", "items/*"}, Actions: []string{"PutObject"}},
			// Without it S3 answers 403 for an object that is gone, which looks like an outage.
			{Actions: []string{"ListBucket"}},
		},
		Email: true, Memory: 1024, Timeout: 29 * time.Second, SignIn: true, Pages: true,
	},
	{
		Name:  "sis-import",
		Does:  "Creates and synchronises external patrons from a file of the student information system.",
		Drops: []string{"sis/", "dry-run/"},
		Tables: []Grant{
			{Table: "users", Actions: []string{"GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem"}, Index: "changed"},
			{Table: "jobs", Actions: []string{"GetItem", "PutItem"}},
		},
		Bucket: []Access{
			{Objects: []string{"sis/*", "dry-run/*", "parts/*"}, Actions: []string{"GetObject", "GetObjectVersion"}},
			{Objects: []string{"sis/*.report.json", "sis/*.report.csv", "dry-run/*.report.json", "dry-run/*.report.csv", "parts/*", "rejected/*"},
				Actions: []string{"PutObject"}},
			// Without it S3 answers 403 for an object that is gone, which looks like an outage.
			{Actions: []string{"ListBucket", "ListBucketVersions"}},
		},
		Email: true, Memory: 1769, Timeout: 15 * time.Minute,
	},
	{
		Name:  "item-import",
		Does:  "Loads the library's item list, which requests and loans are tied to.",
		Drops: []string{"items/"},
		Tables: []Grant{
			{Table: "items", Actions: []string{"GetItem", "PutItem", "DeleteItem"}},
			{Table: "requests", Actions: []string{"GetItem"}},
			{Table: "jobs", Actions: []string{"GetItem", "PutItem"}},
		},
		Bucket: []Access{
			{Objects: []string{"items/*"}, Actions: []string{"GetObject", "GetObjectVersion"}},
			{Objects: []string{"items/*.report.json", "items/*.report.csv", "rejected/items/*"}, Actions: []string{"PutObject"}},
			// Without it S3 answers 403 for an object that is gone, which looks like an outage.
			{Actions: []string{"ListBucket", "ListBucketVersions"}},
		},
		Memory: 1024, Timeout: 15 * time.Minute,
	},
	{
		Name:  "activity-letters",
		Does:  "Sends everybody who has a loan or owes a fee the Borrowing Activity Letter, at set times.",
		Drops: []string{"runs/activity-letters/"},
		Round: &Round{Folder: "runs/activity-letters/", When: "cron(0 7 1 * ? *)", Off: true},
		Tables: []Grant{
			{Table: "users", Actions: []string{"GetItem", "ConditionCheckItem"}},
			{Table: "loans", Actions: []string{"Query"}, Index: "worklist"},
			{Table: "letters", Actions: []string{"GetItem", "PutItem"}},
			{Table: "jobs", Actions: []string{"GetItem", "PutItem"}},
		},
		Bucket: []Access{
			{Objects: []string{"parts/*"}, Actions: []string{"GetObject"}},
			{Objects: []string{"runs/activity-letters/*.report.json", "runs/activity-letters/*.report.csv", "parts/*"}, Actions: []string{"PutObject"}},
		},
		Email: true, Memory: 512, Timeout: 15 * time.Minute,
	},
	{
		Name:  "hold-shelf",
		Does:  "Ends the requests whose items nobody fetched from the hold shelf in time, every night.",
		Drops: []string{"runs/hold-shelf/"},
		Round: &Round{Folder: "runs/hold-shelf/", When: "cron(30 3 * * ? *)"},
		Tables: []Grant{
			{Table: "loans", Actions: []string{"BatchGetItem", "Query", "PutItem", "DeleteItem"}, Index: "worklist"},
			{Table: "requests", Actions: []string{"BatchGetItem", "PutItem", "DeleteItem"}},
			{Table: "items", Actions: []string{"BatchGetItem"}},
			{Table: "jobs", Actions: []string{"GetItem", "PutItem"}},
		},
		Bucket: []Access{
			{Objects: []string{"parts/*"}, Actions: []string{"GetObject"}},
			{Objects: []string{"runs/hold-shelf/*.report.json", "runs/hold-shelf/*.report.csv", "parts/*"}, Actions: []string{"PutObject"}},
		},
		Memory: 512, Timeout: 15 * time.Minute,
	},
}

// Named is the function of that name; ok is false when there is none.
func Named(name string) (f Function, ok bool) {
	for _, f := range All {
		if f.Name == name {
			return f, true
		}
	}
	return Function{}, false
}

// TableSetting is the name of the environment variable that tells a function the name of a table.
func TableSetting(table string) string { return strings.ToUpper(table) + "_TABLE" }

// Settings are the environment variables the function needs besides those of AWS itself, in the README's order.
func (f Function) Settings() []string {
	var names []string
	for _, g := range f.Tables {
		names = append(names, TableSetting(g.Table))
	}
	if len(f.Bucket) > 0 {
		names = append(names, "BUCKET")
	}
	if f.Email {
		names = append(names, "MAIL_CONFIGURATION_SET")
	}
	if f.SignIn {
		names = append(names, "OIDC_ISSUER", "OIDC_AUDIENCE", "OIDC_CLAIM")
	}
	if f.Pages {
		names = append(names, "OIDC_LOGOUT")
	}
	return names
}

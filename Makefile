# patrondesk: what people do with it, one word each. `make help` lists them.

GO    ?= go
NPM   ?= npm
STAGE ?= dev
TOOLS := .tools
LOCAL := infra/local/node_modules/.package-lock.json

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | sort | expand -t 26

# --- on one machine ---

.PHONY: run
run: $(LOCAL) ## run the whole product on this machine, with a demo library
	@cd infra && $(GO) build -o ../bin/local ./local && exec ../bin/local

.PHONY: reset
reset: ## forget everything the local run keeps
	@cd infra && $(GO) run ./local reset

.PHONY: import
import: ## drop a SIS file and follow it: make import FILE=users.zip [PROFILE=REGISTRAR] [DRY=1] [PARTIAL=1], or a list of items with ITEMS=1
	@test -n "$(FILE)" || { echo "name the file: make import FILE=users.zip" >&2; exit 2; }
	@cd infra && $(GO) run ./local import -file "$(abspath $(FILE))" -profile "$(or $(PROFILE),REGISTRAR)" $(if $(ITEMS),-items) $(if $(DRY),-dry) $(if $(PARTIAL),-partial)

.PHONY: round
round: ## make a round now and follow it: make round NAME=hold-shelf, or NAME=activity-letters
	@cd infra && $(GO) run ./local round -name "$(NAME)"

.PHONY: clock
clock: ## tell the local run's time; put it forward with make clock ADVANCE=22d, and set it right with RESET=1
	@cd infra && $(GO) run ./local clock -advance "$(ADVANCE)" $(if $(RESET),-reset)

.PHONY: release
release: ## let a held job go on, and follow it: make release JOB=<id>
	@test -n "$(JOB)" || { echo "name the job: make release JOB=<id>; make jobs lists them" >&2; exit 2; }
	@cd infra && $(GO) run ./local release -job "$(JOB)"

.PHONY: jobs
jobs: ## list the last jobs of dropped files: make jobs [PROFILE=REGISTRAR]
	@cd infra && $(GO) run ./local jobs -profile "$(PROFILE)"

.PHONY: sis-file
sis-file: ## write a SIS file of invented people: make sis-file PEOPLE=100000 OUT=night.xml.gz [ARGS="-night 1 -blank-emails 0.5"]
	@$(GO) run ./internal/sis/synthetic/generate -people $(or $(PEOPLE),1000) -out "$(or $(OUT),people.xml)" $(ARGS)

.PHONY: story
story: ## walk the README's story and check it, on the run that is up or on API_URL
	@set -a; test -n "$$API_URL" || . .local/demo.env; set +a; cd infra && $(GO) test ./local -run '^TestStory$$' -count=1 -v

.PHONY: key
key: ## make an API key: make key NAME=VuFind RIGHTS=users:read [EXPIRES=2027-12-31]; LIST=1; REVOKE=<name>
	@set -a; if test -z "$$APIKEYS_TABLE" -a -f .local/demo.env; then . .local/demo.env; APIKEYS_TABLE=apikeys; fi; set +a; \
	cd infra && $(GO) run ./key $(if $(LIST),list,$(if $(REVOKE),revoke -name "$(REVOKE)",make -name "$(NAME)" -rights "$(RIGHTS)" $(if $(EXPIRES),-expires $(EXPIRES))))

$(LOCAL): infra/local/package-lock.json
	@$(NPM) ci --prefix infra/local --no-audit --no-fund --loglevel=error
	@touch $@

# --- tests and figures ---

.PHONY: test
test: $(LOCAL) check ## install what it needs and run every test
	$(GO) test ./...
	cd infra && $(GO) test ./...
	$(MAKE) --no-print-directory test-dynamodb-local
	$(MAKE) --no-print-directory lint-template

.PHONY: check
check: ## formatting and go vet
	@test -z "$$(gofmt -l functions infra internal)" || { gofmt -l functions infra internal; echo "gofmt changes these files" >&2; exit 1; }
	$(GO) vet ./...
	cd infra && $(GO) vet ./...

.PHONY: test-dynamodb-local
test-dynamodb-local: $(LOCAL) ## run the store's tests on Amazon's DynamoDB Local (Java 17, Maven)
	$(GO) run ./internal/dynamo/dynamodblocal $(GO) test -count=1 ./internal/dynamo/...

.PHONY: bench
bench: $(LOCAL) ## measure look-ups, starts and searches; the README tells what came out
	$(GO) test ./internal/api -run '^$$' -bench Lookup -benchtime 5000x -cpu 1
	$(GO) test ./functions -run '^$$' -bench Start
	$(GO) test ./internal/directory -run '^$$' -bench Search -timeout 30m

.PHONY: bench-desk
bench-desk: $(LOCAL) ## measure check-outs: one after the other, and from many desks: make bench-desk [DESKS=50] [SECONDS=60]
	$(GO) test ./internal/api -run '^$$' -bench CheckOut -benchtime 3000x -cpu 1 $(ONE_CORE)
	DESKS=$(or $(DESKS),50) SECONDS=$(or $(SECONDS),60) $(GO) test ./internal/api -run '^$$' -bench Desks -benchtime 1x -timeout 30m

.PHONY: bench-pages
bench-pages: $(LOCAL) ## measure scanning patrons at the desk, in Chromium: time of the functions, bytes over the wire
	cd infra && $(GO) test ./local/browser -run '^$$' -bench Scan -benchtime 300x

.PHONY: bench-sis
bench-sis: $(LOCAL) ## measure SIS files on one core: make bench-sis [PEOPLE=1000000] [CPUPROFILE=<directory>]
	$(GO) test ./internal/sisfile -run '^$$' -bench 'SplitAndHash|CSVAndHash' -cpu 1 $(ONE_CORE)
	PEOPLE=$(or $(PEOPLE),100000) CPUPROFILE="$(abspath $(CPUPROFILE))" $(GO) test ./internal/sis -run '^$$' -bench Import -benchtime 1x -timeout 12h -cpu 1 $(ONE_CORE)

# Linux can keep the benchmark and the DynamoDB engine it starts to one core between them.
ONE_CORE := $(if $(shell command -v taskset),-exec 'taskset -c 0')

.PHONY: screenshots
screenshots: $(LOCAL) ## write pictures of every page of the desk to docs/desk, with Chromium
	@mkdir -p docs/desk && rm -f docs/desk/*.png
	cd infra && $(GO) test ./local/browser -run '^TestEveryPage$$' -count=1 -args -pictures "$(CURDIR)/docs/desk"

.PHONY: fuzz
fuzz: ## run every fuzz target for FUZZTIME (30s)
	@grep -rlE '^func Fuzz' --include='*_test.go' functions infra internal | xargs -n1 dirname | sort -u | while read -r dir; do \
		for target in $$(grep -hoE '^func Fuzz[A-Za-z0-9_]+' $$dir/*_test.go | sed 's/func //'); do \
			echo "$$dir $$target"; $(GO) test ./$$dir -run '^$$' -fuzz "^$$target\$$" -fuzztime $(or $(FUZZTIME),30s) -fuzzminimizetime 5x || exit 1; \
		done; done

# --- in AWS ---

CDK := npx --yes aws-cdk@2.1148.1
SAM := $(TOOLS)/sam/bin

$(TOOLS)/sam: infra/samtemplate/requirements.txt
	python3 -m venv $@
	$(SAM)/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: build
build: ## build every function for arm64 into dist/
	@cd infra && $(GO) run ./build

.PHONY: synth
synth: build ## write the CloudFormation template to infra/cdk.out
	@cd infra && $(CDK) synth --quiet --no-notices --no-version-reporting -c stage=$(STAGE) $(CONTEXT)

.PHONY: deploy
deploy: build ## deploy to AWS: make deploy STAGE=prod CONTEXT="-c oidcIssuer=https://..."
	@cd infra && $(CDK) deploy -c stage=$(STAGE) $(CONTEXT)

.PHONY: template
template: ## write template.yaml anew from functions/functions.go
	@cd infra && $(GO) run ./samtemplate/print > ../template.yaml.new && mv ../template.yaml.new ../template.yaml

.PHONY: lint-template
lint-template: $(TOOLS)/sam ## check template.yaml with cfn-lint and sam validate
	$(SAM)/cfn-lint template.yaml
	AWS_DEFAULT_REGION=eu-west-1 SAM_CLI_TELEMETRY=0 $(SAM)/sam validate --lint -t template.yaml

.PHONY: sam-local
sam-local: $(TOOLS)/sam ## serve the API with sam local; needs containers, and make run beside it
	@cd infra && $(GO) run ./build -arch $$($(GO) env GOARCH) -out ../dist/local
	@cd infra && $(GO) run ./samtemplate/print -local -code . -arch $$($(GO) env GOARCH) $(SAM_FLAGS) > ../dist/local/template.yaml
	AWS_DEFAULT_REGION=eu-west-1 AWS_ACCESS_KEY_ID=patrondesk AWS_SECRET_ACCESS_KEY=patrondesk SAM_CLI_TELEMETRY=0 \
		$(SAM)/sam local start-api -t dist/local/template.yaml --host 127.0.0.1 --port 3000 $(SAM_ARGS)

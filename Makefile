# Commonfield. `make help` explains itself; nothing but Go, git and make is needed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

GO ?= go
# The commit is written into the binary where git can be asked for it, by us too: the
# Go command finds none in a linked worktree.
VCS := $(shell git rev-parse HEAD >/dev/null 2>&1 && echo auto || echo false)
COMMIT := $(shell git rev-parse HEAD 2>/dev/null && { test -z "$$(git status --porcelain)" || echo "with changes"; })
# The race detector needs a C compiler.
CC_FOUND := $(shell command -v $$($(GO) env CC) >/dev/null 2>&1 && echo yes)
RACE := $(if $(CC_FOUND),-race,)
# make test PKG=./marketplace/order/... TEST=-run=Refund narrows it down.
PKG ?= ./...
TEST ?=
# make bench BENCH="list order --keep" chooses cases.
BENCH ?=
SEEDS ?= 10000
DATA ?= ./data
ADDR ?= 127.0.0.1:8080

.PHONY: help
help: ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: build ## build, fill ./data with the demonstration, serve at http://127.0.0.1:8080
	exec bin/commonfield serve --demo --data $(DATA) --addr $(ADDR)

.PHONY: build
build: ## build bin/commonfield
	@mkdir -p bin
	$(GO) build -buildvcs=$(VCS) -trimpath -ldflags "$(if $(COMMIT),-X 'main.stamp=$(COMMIT)')" -o bin/commonfield ./cmd/commonfield

.PHONY: test
test: vet ## run every test, with the race detector where a C compiler is
	@$(if $(RACE),echo "with the race detector",echo "WITHOUT the race detector: there is no C compiler (install gcc for it)")
	@test -n "$${MEILI_URL:-}" || command -v meilisearch >/dev/null 2>&1 || echo "WITHOUT a real Meilisearch, so nothing is proven about it: set MEILI_URL or put meilisearch on the PATH"
	$(if $(RACE),CGO_ENABLED=1) $(GO) test $(RACE) -buildvcs=false -timeout 20m $(TEST) $(PKG)

.PHONY: vet
vet:
	$(GO) vet $(PKG)

.PHONY: lint
lint: vet ## hold the code against .golangci.yml (the linter is built once, in its own module)
	@test -z "$$(gofmt -l $$(git ls-files -co --exclude-standard '*.go'))" || { echo "not gofmt'd:"; gofmt -l $$(git ls-files -co --exclude-standard '*.go'); exit 1; }
	@mkdir -p bin
	$(GO) -C .ci/lint build -buildvcs=false -o $(CURDIR)/bin/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	bin/golangci-lint run ./...

.PHONY: generate
generate: ## make the Go of pages and letters again from their templates
	$(GO) -C .ci/tools tool templ generate -path $(CURDIR)/marketplace/web
	$(GO) -C .ci/tools tool templ generate -path $(CURDIR)/marketplace/notice

.PHONY: browser
browser: ## walk the stories of a shop in Chromium, on the real program
	$(GO) -C .ci/browser test -buildvcs=false -count=1 -v -timeout 20m ./...

.PHONY: axe
axe: ## run axe-core over every page of the gallery in both languages, both themes and two widths (browser sees each in one of them)
	COMMONFIELD_AXE_ALL=1 $(GO) -C .ci/browser test -buildvcs=false -count=1 -v -timeout 3h -run TestNoPageKeepsAnybodyOut ./...

.PHONY: seeds
seeds: ## walk 10,000 new random histories of money against the plain model (SEEDS=300 for fewer; COMMONFIELD_SEED=7 begins with that one; .ci/run walks the same 300 each time)
	COMMONFIELD_SEEDS=$(SEEDS) COMMONFIELD_SEED=$${COMMONFIELD_SEED:-new} $(GO) test -buildvcs=false -count=1 -v -timeout 12h -run TestRandomHistoriesAreWhatThePlainModelSays ./marketplace/order

.PHONY: bench
bench: build ## measure the program against its limits, in a database of its own (BENCH="list order --keep")
	bin/commonfield bench --data $(DATA) $(BENCH)

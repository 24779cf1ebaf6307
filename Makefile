# Development tasks. `make check` does what CI does.

GO ?= go
export CGO_ENABLED ?= 0

.PHONY: check build test race lint generate fuzz fuzz-gradients fuzz-networks fuzz-faults \
	accuracy bench bench-peers bench-scaling clean

check: lint build test race ## all that CI does

build: ## compile everything
	$(GO) build ./...

test: ## the README's test command, with more random networks
	FUZZ_NETWORKS=300 NETWORKS=100 $(GO) test -timeout 60m ./...

race: ## the runtime and some random networks under the race detector; it needs a C compiler
	CGO_ENABLED=1 $(GO) test -race ./runtime/...
	$(GO) run ./internal/fuzznet/fuzz -race -n 24 -seed 1

lint: ## gofmt, vet, staticcheck, emitted code up to date
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo 'run gofmt -w on these files'; exit 1; }
	$(GO) vet ./...
	$(GO) tool staticcheck ./...
	$(GO) run ./cmd/gradc generate -check ./examples/...

generate: ## emit the examples' trainers again
	$(GO) generate ./examples/...

fuzz: ## every fuzz target for a minute each
	@for pkg in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime 1m $$pkg || exit 1; \
		done; \
	done

NETWORKS ?= 2000
FAULT_NETWORKS ?= 10

fuzz-gradients: ## emitted tests of random networks: no false alarms, every fault put in is reported
	NETWORKS=$(NETWORKS) FAULT_NETWORKS=$(FAULT_NETWORKS) \
		$(GO) test ./internal/gradfuzz -v -count 1 -timeout 24h

N ?= 10000
SEED ?= $(shell date +%s)

fuzz-networks: ## N random networks beside the interpreter; those that fail are reduced and kept
	$(GO) run ./internal/fuzznet/fuzz -n $(N) -seed $(SEED)

fuzz-faults: ## mistakes put into gradc on purpose, each to be found within 300 networks
	$(GO) run ./internal/fuzznet/fuzz -n 300 -seed 1 -faults internal/fuzznet/testdata/faults

accuracy: ## mnist-cnn on the real MNIST: DATA=DIR holds mnist/; downloads it where DATA is empty
	$(GO) run ./cmd/gradc run ./examples/mnist-cnn -- train -data mnist \
		$(if $(DATA),-data-dir $(DATA)) -epochs 1

bench: ## speed of every example's training step
	@for net in $$(ls examples); do \
		$(GO) run ./cmd/gradc bench ./examples/$$net -- -steps 3 || exit 1; \
	done

PEERS ?= $(HOME)/.cache/gradc/peers

bench-peers: ## the examples' speed and memory beside PyTorch's; installs it outside the repository
	test -x $(PEERS)/bin/python || python3 -m venv $(PEERS)
	$(PEERS)/bin/python -c 'import torch, numpy' || $(PEERS)/bin/pip install torch numpy
	$(GO) run ./internal/peers -python $(PEERS)/bin/python $(ARGS)

bench-scaling: ## the examples' speed with two threads beside one, with AVX2 beside AVX-512
	$(GO) run ./internal/peers -scaling $(ARGS)

clean: ## remove what training wrote
	rm -rf runs bin

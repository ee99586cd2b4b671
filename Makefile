# Short names for people; the scripts do the work.
.PHONY: check fast format up down

check:   ## everything that is checked
	scripts/test

fast:    ## form, types, layers, pure tests: seconds
	scripts/test fast

format:  ## bring the code into form
	.venv/bin/ruff format . && .venv/bin/ruff check --fix .

up:      ## run the whole system
	scripts/up

down:    ## stop a detached one
	scripts/down

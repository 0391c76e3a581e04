.DEFAULT_GOAL := help
.PHONY: help up down logs test demo psql redis health

help: ## list these verbs
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/make \1\t\2/' | expand -t 16

up: ## build and start the fleet in containers (paper mode), wait until it is healthy
	scripts/init-secrets
	docker compose up -d --build --wait

down: ## stop the containers; the data stays in its volumes
	docker compose down

logs: ## follow the logs; one service: make logs s=risk-manager
	docker compose logs --follow --tail 100 $(s)

test: ## every check and test, without containers
	scripts/test

demo: ## the fleet as plain processes, trading; options: make demo a="--for 10m"
	scripts/demo $(a)

psql: ## a Postgres prompt in the running containers
	docker compose exec postgres sh -c 'exec psql -U "$${POSTGRES_USER:-postgres}" "$${POSTGRES_DB:-postgres}"'

redis: ## a Redis prompt in the running containers
	docker compose exec redis sh -c 'REDISCLI_AUTH="$$(cat /run/secrets/operator_password)" exec redis-cli --user operator'

health: ## the health of each service
	node scripts/ops_cli.js health

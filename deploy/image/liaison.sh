#!/bin/sh
# The operator's commands inside a container: docker exec CONTAINER liaison settings
exec node /liaison/apps/cli/main.ts "$@"

#!/bin/sh
# usage: test.sh: the tests with a browser in the room; cosoup-launch must have been built in build-release
set -eu
here=$(cd "$(dirname "$0")" && pwd)
environment=$("$here/../server/setup.sh" --env)
eval "$environment"
# One file after the other: they are for two cores.
exec "$COSOUP_NODE" --test --test-reporter=spec --test-concurrency=1 "$here"/*.test.js

#!/bin/sh
# usage: test.sh: the room server's own tests
set -eu
here=$(cd "$(dirname "$0")" && pwd)
environment=$("$here/setup.sh" --env)
eval "$environment"
exec "$COSOUP_NODE" --test --test-reporter=spec --test-timeout=30000 "$here"/test/*.test.js

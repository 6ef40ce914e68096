#!/bin/sh
# usage: run.sh [options]   (run.sh --help lists them)
# Sets up what is missing, then becomes the room server.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
environment=$("$here/setup.sh" --env)
eval "$environment"
exec "$COSOUP_NODE" "$here/src/main.js" "$@"

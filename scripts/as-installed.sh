#!/usr/bin/env bash
# The package as somebody gets it who installs it: packed, installed elsewhere, started and imported from there.
#   scripts/as-installed.sh DIRECTORY      DIRECTORY: empty or not there yet; stays
# Needs a build (npm run build). Runs with the Node that is first in PATH.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: scripts/as-installed.sh DIRECTORY" >&2; exit 2; }
mkdir -p "$1"
there=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."

packed=$(npm pack --silent --pack-destination "$there")
cp test/consumer/* "$there"
(
  cd "$there"
  npm install --silent --ignore-scripts --prefer-offline --no-save "./$packed"
  [ "$(npx --no-install lintel --version)" = "$(node -p 'require("lintel/package.json").version')" ]
  node consumer.mjs
  [ -f node_modules/lintel/docs/study.md ]
)
node_modules/.bin/tsc -p "$there"

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
  # The bundle of the command line: from a start to an audit with 64 file descriptors.
  [ -f node_modules/lintel/dist/bundle/LICENSES.txt ]
  ulimit -n 64
  lintel() { node node_modules/lintel/bin/lintel.js "$@"; }
  lintel --help >/dev/null
  lintel generate tetris --out data --train 16 --eval 8 --held-out 8 --set rendering=pocket
  lintel train joint --data data --out model --steps 2
  lintel audit --model model --data data --out audit --interventions own
  lintel report audit
)
node_modules/.bin/tsc -p "$there"

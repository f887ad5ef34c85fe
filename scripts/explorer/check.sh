#!/usr/bin/env bash
# Opens the explorer in Chromium, served and from the file system:
#   bash scripts/explorer/check.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/find-browser.sh

[ -f dist/explorer/app/app.js ] || node explorer/build.mjs
LINTEL_EXPLORER=1 LINTEL_CHROMIUM=$browser npx vitest run --project main test/explorer

#!/usr/bin/env bash
# Builds the documentation site and opens every page of it in Chromium:
#   bash scripts/site/check.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
source scripts/find-browser.sh

npm run --silent docs
LINTEL_SITE=1 LINTEL_CHROMIUM=$browser npx vitest run test/site

#!/usr/bin/env bash
# Lints, formats (check only) and type-checks the Python code. Needs python/install.sh.
#   python/lint.sh
set -euo pipefail
cd "$(dirname "$0")"
bin=$PWD/../.venv/bin
"$bin/ruff" check
"$bin/ruff" format --check
"$bin/mypy"

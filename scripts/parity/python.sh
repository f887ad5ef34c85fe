#!/usr/bin/env bash
# Makes the Python environment of the parity checks in .venv (ignored by git), unless it is there with these very versions.
#   scripts/parity/python.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

python=.venv/bin/python
wanted=scripts/parity/requirements.txt
if cmp --silent "$wanted" .venv/.requirements 2>/dev/null; then
  echo "python: .venv is there"
  exit 0
fi
[ -x "$python" ] || python3 -m venv .venv
"$python" -m pip install --quiet --disable-pip-version-check --requirement "$wanted"
cp "$wanted" .venv/.requirements

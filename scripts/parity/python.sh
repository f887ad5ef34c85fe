#!/usr/bin/env bash
# Makes the Python environments of the parity checks (ignored by git), unless they are there with these very versions:
# .venv with transformers 4, .venv5 with transformers 5.
#   scripts/parity/python.sh
set -euo pipefail
cd "$(dirname "$0")/../.."

make() {
  local venv=$1 wanted=$2
  if cmp --silent "$wanted" "$venv/.requirements" 2>/dev/null; then
    echo "python: $venv is there"
    return
  fi
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$wanted"
  cp "$wanted" "$venv/.requirements"
}

make .venv scripts/parity/requirements.txt
make .venv5 scripts/parity/requirements5.txt

#!/usr/bin/env bash
# Installs this package into the environments of the parity checks (ignored by git), unless they are up to date: .venv with
# transformers 4 and the linters, .venv5 with transformers 5.
#   python/install.sh
set -euo pipefail
cd "$(dirname "$0")/.."

install() {
  local venv=$1 extras=$2
  if cmp --silent python/pyproject.toml "$venv/.pyproject.toml" 2>/dev/null; then
    echo "python: $venv is up to date"
    return
  fi
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --editable "python[$extras]"
  # Without its dependencies: some contradict ours, and what reads results needs none but pytablewriter.
  [[ $extras != *transformers4* ]] || "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps lm_eval==0.4.9.1
  cp python/pyproject.toml "$venv/.pyproject.toml"
}

install .venv transformers4,lint
install .venv5 transformers5

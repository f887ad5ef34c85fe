#!/usr/bin/env bash
# Compares what Lintel computes and writes with the reference implementations in Python.
#   python/parity.sh RUN        RUN: directory of a finished study, whose checkpoints are opened
# Needs a build (npm run build) and python/install.sh. Each check asserts, and prints what it found.
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: python/parity.sh RUN" >&2; exit 2; }
run=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."

python=$PWD/.venv/bin/python
python5=$PWD/.venv5/bin/python
lintel() { node bin/lintel.js "$@"; }
# What is compared lies on this disk; nothing may be fetched.
export HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 TOKENIZERS_PARALLELISM=false OMP_NUM_THREADS=2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HF_HOME=$work/huggingface

used=()
check() {
  used+=("$1")
  echo "parity: $*"
  "$python" -m "lintel_reference.parity.$1" "${@:2}"
}
# With transformers 4 and 5, which read a checkpoint's files in other ways.
check_both() {
  check "$@"
  echo "parity with transformers 5: $*"
  "$python5" -m "lintel_reference.parity.$1" "${@:2}"
}

for task in tetris crop crop-masked; do
  lintel generate "$task" --out "$work/$task" --train 40 --eval 12 --held-out 12 --seed 3 --set rendering=pocket
  check datasets_load "$work/$task"
done
lintel generate crop --out "$work/edited" --train 40 --eval 12 --held-out 12 --seed 3 --set rendering=pocket --set edits=true
check datasets_load "$work/edited"
# LANTERN_CODE, a checkout of LanteRn's public code, lets its own dataset class load what we wrote.
lintel generate tetris --out "$work/lantern" --train 40 --eval 12 --held-out 12 --seed 3 --format lantern --set sheet=lantern --set plan=named
check lantern "$work/lantern"
check_both pocket "$run"
check_both rewritten
# What the how-to pages say in Python.
for name in a b; do
  lintel audit --model "$run/models/tetris/joint/0" --data "$run/datasets/tetris" --interventions own --limit 20 --out "$work/audit-$name"
done
check docs_pandas "$run" "$work/audit-a" "$work/audit-b"
# What other tools read.
lintel outcomes "$run" --parquet --out "$work/outcomes.parquet"
check tables "$run" "$work/outcomes.parquet"
lintel export "$run" --out "$work/exported"
check exports "$run" "$work/exported"
lintel audit --model "$run/models/tetris/joint/0" --data "$run/datasets/tetris" --interventions own,oracle,zeros --limit 24 --out "$work/harness" --export lm-eval
check harness "$work/harness"
# Published diagnostics: by their own code where CVRR_CODE, WM_VLM_CODE or PRISM_CODE names a checkout, else by what it has given.
node python/lintel_reference/parity/published.mjs test/goldens/published "$work/published.json"
check published test/goldens/published "$work/published.json"
# A pretrained decoder, where the package that carries it is installed.
check smollm
check judged "$run/audits/tetris/joint/0/eval"

# A check that nobody runs proves nothing.
for script in python/lintel_reference/parity/[a-z]*.py; do
  name=$(basename "$script" .py)
  case " ${used[*]} " in
    *" $name "*) ;;
    *) echo "parity: $name is not run by python/parity.sh" >&2; exit 1 ;;
  esac
done
echo "parity: ${#used[@]} checks passed on $run"

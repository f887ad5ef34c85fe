#!/bin/sh
# The cross-audit from nothing: datasets, two pocket checkpoints, their audits, and the same examples by LanteRn's own code.
#     LANTERN_CODE=DIR sh python/cross-audit.sh OUT
# Needs a built Lintel (npm run build) and the Python of CONTRIBUTING (torch, transformers 4.57.1; PYTHON names it). Ten minutes
# on two cores. What is in OUT already is used again. Two JSON lines, described in lantern.py, go to OUT/cross-audit.jsonl.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
export PYTHONPATH=$here
out=$1
lintel="node $here/../bin/lintel.js"
python=${PYTHON:-python}
mkdir -p "$out"
audit="--split eval --limit 200 --interventions own,oracle,zeros,skip --threads 1"

# Panels: what pocket models learn tetris from, oracle latents included.
[ -d "$out/panels" ] || $lintel generate tetris --set rendering=pocket --set options=rotations \
  --train 8000 --eval 300 --held-out 10 --out "$out/panels"
[ -d "$out/panels-model" ] || $lintel train joint --data "$out/panels" --steps 200 --out "$out/panels-model"
$lintel audit --model "$out/panels-model" --data "$out/panels" $audit --out "$out/panels-audit"

# Whole sheets in LanteRn's own format, blocks of four latents: its dataset class reads them as they are.
sheets="tetris --seed 5 --train 400 --eval 200 --held-out 10"
[ -d "$out/sheets" ] || $lintel generate $sheets --out "$out/sheets"
[ -d "$out/sheets-lantern" ] || $lintel generate $sheets --format lantern --out "$out/sheets-lantern"
[ -d "$out/sheets-model" ] || $lintel train joint --data "$out/sheets" --steps 40 --out "$out/sheets-model"
$lintel audit --model "$out/sheets-model" --data "$out/sheets-lantern" --map "$here/lintel_reference/cross_audit/records.yaml" $audit --out "$out/sheets-audit"

{
  $python -m lintel_reference.cross_audit.lantern "$out/panels-model" "$out/panels" "$out/panels-audit"
  $python -m lintel_reference.cross_audit.lantern "$out/sheets-model" "$out/sheets-lantern" "$out/sheets-audit" | grep '^{'
} | tee "$out/cross-audit.jsonl"

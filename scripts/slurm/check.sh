#!/usr/bin/env bash
# Audits in parts on a real Slurm of one machine (start.sh), which the fake of test/fakes/slurm cannot show to be right:
#   scripts/slurm/check.sh        needs a build, root, and Debian's slurm-wlm and munge
# Where these are missing it installs them with LINTEL_INSTALL=1, else says so and passes.
# MaxArraySize is 3, so that arrays are split; accounting is absent; sbatch greets on standard output, as some sites' does.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
work=$(mktemp -d)
cluster=$work/s
code=0
started=$(bash scripts/slurm/start.sh "$cluster" MaxArraySize=3) || code=$?
if [ $code -eq 3 ] && [ "$(id -u)" -eq 0 ] && [ "${LINTEL_INSTALL:-}" = 1 ]; then exit 1; fi
if [ $code -eq 3 ]; then echo "slurm: skipped, as there is none here"; rm -rf "$work"; exit 0; fi
[ $code -eq 0 ] || exit $code
eval "$started"
trap 'bash "$root/scripts/slurm/stop.sh" "$cluster"; rm -rf "$work"' EXIT
lintel() { node "$root/bin/lintel.js" "$@"; }
fail() { echo "slurm: $*" >&2; exit 1; }
queued() { squeue --noheader --format=%i | grep -c . || true; }

# A site's greeting before the number of the job.
mkdir "$work/greeting"
printf '#!/bin/sh\necho "Welcome to the cluster. Mind job 1234."\nexec %s "$@"\n' "$(command -v sbatch)" > "$work/greeting/sbatch"
chmod +x "$work/greeting/sbatch"
export PATH=$work/greeting:$PATH
cd "$work"
options=(--model model --data data --interventions own,zeros,mean)

lintel generate tetris --out data --train 64 --eval 110 --held-out 8 --set rendering=pocket
lintel train joint --data data --out model --steps 30
lintel audit "${options[@]}" --threads 1 --out whole
equal() { for file in outcomes.jsonl latents.safetensors; do cmp "whole/$file" "$1/$file" || fail "$1/$file differs"; done; }

echo "slurm: an audit in 4 parts, arrays of at most 3"
lintel audit "${options[@]}" --out parts --shards 4 --executor slurm --slurm mem_gb=1
equal parts
[ ! -e parts.shards ] || fail "parts are left behind"

echo "slurm: Ctrl-C cancels, and the same command goes on"
lintel audit "${options[@]}" --out stopped --shards 2 --executor slurm --slurm mem_gb=1 & pid=$!
for _ in $(seq 300); do [ "$(queued)" -gt 0 ] && break; sleep 0.2; done
[ "$(queued)" -gt 0 ] || fail "nothing was submitted"
kill -INT "$(pgrep -P $pid node || echo $pid)"
wait $pid && fail "an interrupted audit ended as if it were done"
for _ in $(seq 150); do [ "$(queued)" -eq 0 ] && break; sleep 0.2; done
[ "$(queued)" -eq 0 ] || fail "jobs go on after Ctrl-C: $(squeue)"
lintel audit "${options[@]}" --out stopped --shards 2 --executor slurm --slurm mem_gb=1
equal stopped

echo "slurm: all as promised"

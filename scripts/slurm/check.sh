#!/usr/bin/env bash
# A study and audits in parts on a real Slurm of one machine (start.sh), which the fake of test/fakes/slurm cannot show to be right:
#   scripts/slurm/check.sh        needs a build, root, and Debian's slurm-wlm and munge
# Where these are missing it installs them with LINTEL_INSTALL=1, else says so and passes.
# MaxArraySize is 3, so that arrays are split; accounting is absent; sbatch greets on standard output, as some sites' does.
# The study loses its node while a model trains, and then its jobs run into their time limit and are requeued. Meanwhile jobs of
# another one are canceled by hand. `lintel` asks the queue every ten seconds, which is most of the time that this takes.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
work=$(mktemp -d)
cluster=$work/s
code=0
started=$(bash scripts/slurm/start.sh "$cluster" MaxArraySize=3 BatchStartTimeout=2 MessageTimeout=5) || code=$?
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

cat > study.yaml <<'YAML'
name: requeued
seeds: 1
datasets:
  tetris: { train: 256, eval: 40, parameters: { rendering: pocket } }
cells:
  - { task: tetris, recipe: joint, training: { steps: 340, followEvery: 340, followExamples: 8, saveEvery: 10 }, audits: [{ split: eval, interventions: [own, zeros] }] }
YAML
# The same without Slurm, and one whose jobs somebody cancels, while the audits run.
lintel study study.yaml --out local > local.log 2>&1 & local_study=$!
sed 's/^name: .*/name: canceled/' study.yaml > canceled.yaml
lintel study canceled.yaml --out canceled --executor slurm --slurm mem_gb=1 > canceled.log 2>&1 & canceled_study=$!

lintel generate tetris --out data --train 64 --eval 110 --held-out 8 --set rendering=pocket
lintel train joint --data data --out model --steps 30
lintel audit "${options[@]}" --threads 1 --out whole
equal() { for file in outcomes.jsonl latents.safetensors; do cmp "whole/$file" "$1/$file" || fail "$1/$file differs"; done; }

for _ in $(seq 300); do [ -s canceled/slurm/submitted.json ] && break; sleep 0.2; done
[ -s canceled/slurm/submitted.json ] || { cat canceled.log; fail "nothing was submitted"; }
# shellcheck disable=SC2046
scancel $(grep -o '[0-9]\+_[0-9]\+' canceled/slurm/submitted.json)

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

echo "slurm: a study on a node that dies, over its time limit"
lintel study study.yaml --out requeued --executor slurm --slurm mem_gb=1 --slurm timeout_min=2 > requeued.log 2>&1 & study=$!
lines() { cat requeued/models/*/*/*/training.jsonl 2> /dev/null | wc -l; }
for _ in $(seq 300); do [ "$(lines)" -gt 20 ] && break; sleep 0.2; done
[ "$(lines)" -gt 20 ] || { cat requeued.log; fail "the study's training does not begin"; }
# All that a node has of Slurm at once: the daemon, the steps' daemons, which would report how their processes ended, and those.
running=$(scontrol listpids | awk 'NR > 1 && $1 > 0 { print $1 }')
# shellcheck disable=SC2086
steps=$(ps -o ppid= -p "$(echo $running | tr ' ' ,)" | sort -u)
for pid in $steps; do [ "$(cat "/proc/$pid/comm" 2> /dev/null)" = slurmstepd ] && daemons="${daemons:-} $pid"; done
# shellcheck disable=SC2086
kill -KILL "$(cat "$cluster/slurmd.pid")" ${daemons:?} $running 2> /dev/null || true
sleep 2
setsid slurmd -D -f "$SLURM_CONF" -N "$(hostname -s)" >> "$cluster/log/slurmd.out" 2>&1 < /dev/null &
echo $! > "$cluster/slurmd.pid"
# The controller misses the job when the node registers some seconds after the job's start.
for _ in $(seq 20); do
  grep -q "Batch JobId=.* missing from batch node" "$cluster/log/slurmctld.log" && break
  scontrol reconfigure
  sleep 2
done
for _ in 1 2 3; do
  code=0
  wait $study || code=$?
  # A machine that is slow takes more attempts than the four of a job; the same command goes on.
  { [ $code -ne 0 ] && grep -q "ran out of time 4 times" requeued.log; } || break
  lintel study study.yaml --out requeued --executor slurm --slurm mem_gb=1 --slurm timeout_min=2 > requeued.log 2>&1 & study=$!
done
[ $code -eq 0 ] || { cat requeued.log; tail -n 30 "$cluster/log/slurmctld.log"; fail "the requeued study ended with an error"; }
grep -q "Batch JobId=.* missing from batch node" "$cluster/log/slurmctld.log" || { tail -n 30 "$cluster/log/slurmctld.log"; fail "the job did not get lost with its node"; }
cat requeued/slurm/*.timeouts > /dev/null 2>&1 || fail "no job ran into its time limit"
wait $local_study || { cat local.log; fail "the study without Slurm ended with an error"; }
for file in models/tetris/joint/0/model.safetensors audits/tetris/joint/0/eval/outcomes.jsonl audits/tetris/joint/0/eval/latents.safetensors; do
  cmp "local/$file" "requeued/$file" || fail "requeued/$file differs"
done

echo "slurm: jobs that somebody cancels, where there is no accounting"
if wait $canceled_study; then fail "a study whose jobs were canceled ended as if it were done"; fi
grep -q "left the queue: no accounting" canceled.log || { cat canceled.log; fail "the error does not say that a job left the queue"; }

echo "slurm: all as promised"

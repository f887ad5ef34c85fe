#!/usr/bin/env bash
# Ends what scripts/slurm/start.sh started in DIR, jobs included, and removes DIR.
#   bash scripts/slurm/stop.sh DIR
set -uo pipefail
[ $# -eq 1 ] && [ -d "$1" ] || { echo "usage: stop.sh DIR" >&2; exit 2; }
dir=$(cd "$1" && pwd)
export SLURM_CONF=$dir/slurm.conf
running() { timeout 10 squeue --noheader --format=%i 2> /dev/null | grep -q .; }
alive() { [ -e "$dir/$1.pid" ] && kill -0 "$(cat "$dir/$1.pid")" 2> /dev/null; }
if alive slurmctld && running; then
  timeout 10 scancel --user="$(id -un)"
  timeout 10 scancel --user="$(id -un)" --signal=KILL
  for _ in $(seq 75); do running || break; sleep 0.2; done
fi
for name in slurmd slurmctld munged; do
  alive "$name" || continue
  kill "$(cat "$dir/$name.pid")"
  for _ in $(seq 75); do alive "$name" || break; sleep 0.2; done
  ! alive "$name" || kill -KILL "$(cat "$dir/$name.pid")"
done
rm -rf "$dir"

#!/usr/bin/env bash
# Starts a Slurm of one machine for tests: munge, a controller and one node, whose files are all in DIR. Needs root and Debian's
# slurm-wlm and munge, which are installed where LINTEL_INSTALL=1. Exits with 3 where they are missing.
#   eval "$(bash scripts/slurm/start.sh DIR [LINE of slurm.conf]…)"    # exports SLURM_CONF; DIR is new or empty
#   bash scripts/slurm/stop.sh DIR
# A LINE such as MaxArraySize=5 is added to slurm.conf, or replaces the one of that key here. SLURM_CPUS: processors of the node,
# by default twice those of the machine, so that jobs wait for time and not for a place. Accounting is absent. A requeued job
# may start again after 5 s (cred_expire); Slurm's default is two minutes.
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: start.sh DIR [LINE of slurm.conf]…" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
export PATH=$PATH:/usr/sbin:/sbin
missing() { ! { command -v munged && command -v slurmctld && command -v slurmd && command -v srun; } > /dev/null; }
[ "$(id -u)" -eq 0 ] || { echo "start.sh: Slurm's daemons need root" >&2; exit 3; }
if missing && [ "${LINTEL_INSTALL:-}" = 1 ]; then
  { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends slurm-wlm munge; } > /dev/null
fi
if missing; then echo "start.sh: no Slurm here: as root, apt-get install slurm-wlm munge (Debian)" >&2; exit 3; fi

mkdir -p "$1"
dir=$(cd "$1" && pwd)
shift
[ -z "$(ls -A "$dir")" ] || { echo "start.sh: $dir is not empty" >&2; exit 2; }
# The socket of munge, of at most 107 characters, has to be within everybody's reach.
chmod 755 "$dir"
mkdir -p "$dir"/{munge,state,spool,log}
chmod 700 "$dir/munge"
trap 'code=$?; [ $code -eq 0 ] || { tail -n 20 "$dir"/log/* >&2 || true; bash "$here/stop.sh" "$dir"; }' EXIT

# daemon NAME COMMAND…: in a session of its own, its process in NAME.pid.
daemon() {
  local name=$1
  shift
  setsid "$@" > "$dir/log/$name.out" 2>&1 < /dev/null &
  echo $! > "$dir/$name.pid"
}
# until_true SECONDS WHAT COMMAND…
until_true() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@"; do
    for name in "$dir"/*.pid; do kill -0 "$(cat "$name")" || { echo "start.sh: $(basename "$name" .pid) has ended" >&2; exit 1; }; done
    [ $SECONDS -lt $end ] || { echo "start.sh: $what does not answer" >&2; exit 1; }
    sleep 0.2
  done
}

head -c 1024 /dev/urandom > "$dir/munge/key"
chmod 400 "$dir/munge/key"
daemon munged munged --foreground --force --key-file="$dir/munge/key" --socket="$dir/munge.socket" \
  --pid-file="$dir/munge/pid" --log-file="$dir/log/munged.log" --seed-file="$dir/munge/seed"
answers() { echo | munge --socket="$dir/munge.socket" > /dev/null 2>&1; }
until_true 30 munged answers

host=$(hostname -s)
ports=$(python3 -c 'import socket
sockets = [socket.socket() for _ in range(2)]
for each in sockets: each.bind(("127.0.0.1", 0))
print(*(each.getsockname()[1] for each in sockets))' 2> /dev/null) || ports="$((20000 + RANDOM / 2)) $((40000 + RANDOM / 2))"
read -r control node <<< "$ports"
memory=$(awk '/^MemTotal/ { print int($2 / 1024) }' /proc/meminfo)
cat > "$dir/slurm.conf" <<CONF
ClusterName=lintel
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmctldPort=$control
SlurmdPort=$node
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket,cred_expire=5
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/state/slurmctld.pid
SlurmdPidFile=$dir/state/slurmd.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=100
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SlurmdParameters=config_overrides
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1
ReturnToService=2
MailProg=/bin/true
KillWait=5
NodeName=$host NodeAddr=127.0.0.1 CPUs=${SLURM_CPUS:-$((2 * $(nproc)))} RealMemory=$memory State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP OverTimeLimit=0
CONF
for line in "$@"; do
  grep -v -i "^${line%%=*}=" "$dir/slurm.conf" > "$dir/slurm.conf.new"
  { echo "$line"; cat "$dir/slurm.conf.new"; } > "$dir/slurm.conf"
done
rm -f "$dir/slurm.conf.new"
export SLURM_CONF=$dir/slurm.conf
daemon slurmctld slurmctld -D -f "$SLURM_CONF"
daemon slurmd slurmd -D -f "$SLURM_CONF" -N "$host"
idle() { [ "$(timeout 10 sinfo --noheader --format=%t 2> /dev/null)" = idle ]; }
until_true 60 "Slurm's node" idle
echo "export SLURM_CONF='$SLURM_CONF'"

#!/usr/bin/env bash
#SBATCH --job-name=lintel
#SBATCH --array=0-0%4
#SBATCH --output=%A_%a_log.out
#SBATCH --error=%A_%a_log.err
#SBATCH --open-mode=append
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --time=30
#SBATCH --mem=1536M
#SBATCH --cpus-per-task=8
#SBATCH --gpus-per-node=1
#SBATCH --partition=gpu
#SBATCH --signal=USR2@90
#SBATCH --requeue
set -u
task="${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
rm -f "$task.exit"
case "$SLURM_ARRAY_TASK_ID" in
  0) set -- cell '/data/my runs/pocket' crop/joint/0 --events ;;
  *) echo "no job for task $task" >&2; exit 2 ;;
esac
srun --unbuffered /usr/bin/node '/opt/it'\''s here/bin/lintel.js' "$@"
code=$?
if [ "$code" -eq 75 ]; then
  timeouts=$(($(cat "$task.timeouts" 2>/dev/null || echo 0) + 1))
  echo "$timeouts" > "$task.timeouts"
  if [ "$timeouts" -le 3 ]; then
    # Slurm ends this script when it requeues the task; the exit only follows where it does not.
    scontrol requeue "$task" && sleep 60 && exit "$code"
  fi
fi
echo "$code" > "$task.exit"
exit "$code"

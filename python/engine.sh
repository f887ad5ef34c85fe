#!/usr/bin/env bash
# Tests the PyTorch engine (python/lintel_engine) on tiny random checkpoints, which it makes, and Lintel with it: what every
# engine has to do, parity with ONNX, other architectures, WM-VLM. Needs python/install.sh.
#   python/engine.sh [unittest arguments, such as engine_tests.test_server: these tests alone]
set -euo pipefail
cd "$(dirname "$0")"
export HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false TRANSFORMERS_VERBOSITY=error OMP_NUM_THREADS=${OMP_NUM_THREADS:-2}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LINTEL_TINY=${LINTEL_TINY:-$work} PYTHONPATH=$PWD
python=${PYTHON:-$PWD/../.venv/bin/python}
if [ $# -gt 0 ]; then
  "$python" -W ignore -m unittest "$@"
  exit
fi
"$python" -W ignore -m unittest discover --start-directory engine_tests --top-level-directory .
cd ..
export LINTEL_ENGINE=$python OMP_NUM_THREADS=1
npx vitest run --project main test/engines.test.ts
npx vitest run --project main test/families.test.ts -t "ivt-lr|cvrr"
npx vitest run --project long test/engine/parity.long.test.ts test/engine/precision.long.test.ts \
  test/engine/gpu-page.long.test.ts test/engine/shards.long.test.ts
# Killed engines, an sshd and a Slurm of this machine.
if [ "${LINTEL_INSTALL:-}" = 1 ] && [ "$(id -u)" -eq 0 ] && [ ! -x /usr/sbin/sshd ]; then
  { apt-get update -qq; DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends openssh-server; } > /dev/null
fi
KILLS=${KILLS:-4} npx vitest run --project long test/engine/lost.long.test.ts
# A part of the architectures and examples. All of them, and twenty kills, take half an hour:
#   LINTEL_ENGINE=.venv/bin/python npx vitest run --project long test/engine test/architectures.long.test.ts test/wm-vlm.long.test.ts \
#     test/ivt-lr.long.test.ts test/cvrr.long.test.ts
CASES="gemma3 qwen2_vl llava_onevision gpt2 llama" npx vitest run --project long test/architectures.long.test.ts -t "reads|windows"
EXAMPLES=5 npx vitest run --project long test/wm-vlm.long.test.ts test/ivt-lr.long.test.ts
# In each four examples one asks in words of its own; the test wants more than a fifth of all.
EXAMPLES=8 npx vitest run --project long test/cvrr.long.test.ts

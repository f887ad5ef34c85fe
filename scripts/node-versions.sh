#!/usr/bin/env bash
# Runs the package as installed and a chosen group of tests with the other versions of Node that Lintel supports. The
# whole suite runs with the machine's own Node (npm test).
#   scripts/node-versions.sh [20|22|24 …]      default: those of the three that `node` is not
# Needs `npm ci` and a build. The programs come as npm packages into a temporary directory; nothing of it stays.
set -euo pipefail
cd "$(dirname "$0")/.."

# Newest of each line when this was written.
declare -A release=([20]=20.20.2 [22]=22.23.5 [24]=24.22.3)

# What depends on the platform: files and their formats, mappings, the Hub's protocol, real commands, checkpoints, a small
# training. Directories and files as Vitest takes them.
tests=(
  src/formats src/hub src/util
  src/tasks/mapping src/tasks/dataset
  src/qwen/checkpoint src/qwen/config/config-json.test.ts src/qwen/weights/file-weights.test.ts src/qwen/tokenizer/tokenizer.test.ts
  src/training/sheets.test.ts
  test/cli/generate.test.ts test/cli/model.test.ts test/cli/usage.test.ts
)

own=$(node -p 'process.versions.node.split(".")[0]')
wanted=("$@")
if [ ${#wanted[@]} -eq 0 ]; then
  for major in 20 22 24; do [ "$major" = "$own" ] || wanted+=("$major"); done
fi
case $(uname -s)-$(uname -m) in
  Linux-x86_64) platform=linux-x64 ;;
  Linux-aarch64) platform=linux-arm64 ;;
  *) echo "node-versions: no Node for $(uname -s) on $(uname -m) among npm's packages" >&2; exit 1 ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for major in "${wanted[@]}"; do
  version=${release[$major]:?"node-versions: expected 20, 22 or 24, got $major"}
  started=$SECONDS
  npm install --silent --no-save --ignore-scripts --prefix "$work/$major" "node-$platform@$version"
  bin=$work/$major/node_modules/node-$platform/bin
  (
    export PATH=$bin:$PATH
    [ "$(node --version)" = "v$version" ] || { echo "node-versions: got $(node --version) for $version" >&2; exit 1; }
    scripts/as-installed.sh "$work/installed-$major"
    node node_modules/vitest/vitest.mjs run --project main --project mocked "${tests[@]}"
  )
  echo "node-versions: Node $version passed in $((SECONDS - started)) s"
done

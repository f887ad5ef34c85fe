#!/usr/bin/env bash
# Every operator, a small model, what every engine has to do, training by six recipes (all with LINTEL_RECIPES=all), audit and study on WebGPU against the
# CPU. Without a graphics processor a software driver is used, the one that Debian's chromium brings; as root it is installed:
#   bash scripts/devices/run.sh
# With VK_ICD_FILENAMES or VK_DRIVER_FILES set, or LINTEL_OWN_DRIVER=1, the machine's own driver is tested instead.
set -euo pipefail
cd "$(dirname "$0")/../.."

icd=/usr/lib/chromium/vk_swiftshader_icd.json
packages=(chromium libvulkan1)
has_loader() { ldconfig -p | grep -q 'libvulkan\.so\.1'; }

if [ -z "${VK_ICD_FILENAMES:-}${VK_DRIVER_FILES:-}${LINTEL_OWN_DRIVER:-}" ]; then
  if [ ! -e "$icd" ] || ! has_loader; then
    if [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; then
      apt-get update -qq
      DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null
    fi
  fi
  if [ ! -e "$icd" ] || ! has_loader; then
    echo "no software driver for WebGPU here: as root, apt-get install ${packages[*]} (Debian); or LINTEL_OWN_DRIVER=1 for this machine's own" >&2
    exit 1
  fi
  export VK_ICD_FILENAMES=$icd
fi

runtime=$(mktemp -d)
trap 'rm -rf "$runtime"' EXIT
export XDG_RUNTIME_DIR=${XDG_RUNTIME_DIR:-$runtime}
# The tests fail where the device is missing; without this variable they are left out.
LINTEL_DEVICES=webgpu npx vitest run --project main test/devices test/engines.test.ts

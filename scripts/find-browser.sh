# Sets `browser` to a Chromium: chromium, chromium-browser or google-chrome, or the program that LINTEL_CHROMIUM names. As
# root on Debian it is installed where it is missing. To be sourced.
find_browser() { command -v chromium || command -v chromium-browser || command -v google-chrome || true; }
browser=${LINTEL_CHROMIUM:-$(find_browser)}
if [ -z "$browser" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get > /dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium > /dev/null
  browser=$(find_browser)
fi
[ -n "$browser" ] || { echo "no Chromium here: install chromium, or set LINTEL_CHROMIUM" >&2; exit 1; }

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install those of the given Debian packages that are missing; as root or through sudo.
# Without either, print the one command to run and stop.
missing=""
for p in "$@"; do
  case "$(dpkg-query -W -f '${Status}' "$p" 2>/dev/null)" in
    "install ok installed") ;;
    *) missing="$missing $p" ;;
  esac
done
[ -z "$missing" ] && exit 0
command="apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
  as_root=""
elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
  as_root="sudo"
else
  echo "Some Debian packages are missing. As root, run:" >&2
  echo "  $command" >&2
  exit 1
fi
echo "Installing$missing"
log=$(mktemp)
$as_root apt-get update -qq >"$log" 2>&1
if ! $as_root env DEBIAN_FRONTEND=noninteractive $command -qq >>"$log" 2>&1; then
  tail -n 3 "$log" >&2
  rm -f "$log"
  echo "Could not install them. Run as root: $command" >&2
  exit 1
fi
rm -f "$log"

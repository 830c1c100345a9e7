#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Print the Debian package with the kernel headers of all architectures (Linux 6.1, of Debian 12): the
# installed one, or the newest there is. Its name has the kernel's version.
newest() { grep -E '^linux-headers-6\.1\.0-[0-9]+-common$' | sort -V | tail -n 1; }
name=$(dpkg-query -W -f '${Package} ${Status}\n' 'linux-headers-*-common' 2>/dev/null |
  sed -n 's/ install ok installed$//p' | newest)
[ -n "$name" ] || name=$(apt-cache pkgnames linux-headers- 2>/dev/null | newest)
if [ -z "$name" ] && [ "$(id -u)" = 0 ]; then
  apt-get update -qq >/dev/null 2>&1
  name=$(apt-cache pkgnames linux-headers- 2>/dev/null | newest)
fi
echo "${name:-linux-headers-amd64}"

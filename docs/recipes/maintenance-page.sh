#!/bin/sh
# A page instead of the service, on the web server itself: nginx looks for a file at every request, so nothing is reloaded.
#   ./maintenance-page.sh out|in|state [FILE]
set -eu
file=${2:-/var/lib/maintenance-page/on}
case $1 in
  out) mkdir -p "${file%/*}"; chmod 755 "${file%/*}"; : >"$file" ;;
  in) rm -f "$file" ;;
  state) if [ -e "$file" ]; then echo out; elif [ -d "${file%/*}" ] || [ ! -e "${file%/*}" ]; then echo in; else exit 1; fi ;;
  *) echo "out, in or state, not $1" >&2; exit 2 ;;
esac

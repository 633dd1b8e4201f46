#!/bin/sh
# keepalived on the server itself: it gives the address away while a file says 1. Needs in keepalived.conf:
#   track_file maintenance { file /run/keepalived-maintenance  weight -100 }
#   and in the vrrp_instance: track_file { maintenance }
#   ./keepalived.sh out|in|state VIRTUAL-ADDRESS [FILE]
set -eu
act=$1 address=$2 file=${3:-/run/keepalived-maintenance}
mine() { ip -o addr show | grep -qF " $address/"; }
case $act in
  out)
    echo 1 >"$file"
    left=30
    while mine; do [ "$left" -gt 0 ] || { echo "$address is still here" >&2; exit 1; }; left=$((left - 1)); sleep 1; done
    ;;
  # The other one may keep the address: this server can take it again, which is all that `in` means.
  in) echo 0 >"$file" ;;
  state)
    case $(cat "$file" 2>/dev/null || echo 0) in
      0) echo in ;;
      1) if mine; then echo "$address is still here" >&2; exit 1; else echo out; fi ;;
      *) exit 1 ;;
    esac
    ;;
  *) echo "out, in or state, not $act" >&2; exit 2 ;;
esac

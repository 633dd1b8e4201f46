#!/bin/sh
# haproxy, by its admin socket. Needs socat on the load balancer, and a user who may write to the socket.
#   ./haproxy.sh out|in|state BACKEND SERVER [SOCKET]
# `drain` and not `maint`: health checks go on, so a server that is not well is not given users when it comes back.
set -eu
act=$1 backend=$2 server=$3 socket=${4:-/run/haproxy/admin.sock}
ask() { printf '%s\n' "$1" | socat - "UNIX-CONNECT:$socket"; }
# A field of `show stat`, by its name: columns differ from version to version.
field() {
  ask 'show stat' | awk -F, -v b="$backend" -v s="$server" -v want="$1" '
    NR == 1 { sub(/^# /, ""); for (i = 1; i <= NF; i++) if ($i == want) at = i }
    $1 == b && $2 == s && at { print $at; found = 1 }
    END { exit !found }'
}
# A wrong name is answered with a sentence and exit code 0: only what is read back counts.
until_true() {
  left=$1; shift
  until "$@"; do
    [ "$left" -gt 0 ] || { echo "haproxy says $(field status), $(field scur) open" >&2; exit 1; }
    left=$((left - 1)); sleep 1
  done
}
is_empty() { [ "$(field scur)" = 0 ]; }
is_up() { case $(field status) in UP | 'no check') return 0 ;; esac; return 1; }
case $act in
  out)
    ask "set server $backend/$server state drain" >/dev/null
    until_true 60 is_empty
    ;;
  in)
    ask "set server $backend/$server state ready" >/dev/null
    until_true 60 is_up
    ;;
  state)
    # What a person or we have set, and not the status: a drained server whose service is stopped is DOWN there.
    admin=$(ask "show servers state $backend" | awk -v s="$server" '
      $1 == "#" { for (i = 2; i <= NF; i++) { if ($i == "srv_name") name = i - 1; if ($i == "srv_admin_state") at = i - 1 } }
      $1 != "#" && name && at && $name == s { print $at }')
    case $admin in
      0) echo in ;;
      [1-9]*) echo out ;;
      *) echo "haproxy has no server $backend/$server" >&2; exit 1 ;;
    esac
    ;;
  *) echo "out, in or state, not $act" >&2; exit 2 ;;
esac

#!/bin/sh
# nginx as load balancer. Its upstream holds `include /etc/nginx/servers/BACKEND.conf;`, one `server ADDRESS;` a line.
#   ./nginx-upstream.sh out|in|state BACKEND ADDRESS [FOLDER]
set -eu
act=$1 server=$3 list=${4:-/etc/nginx/servers}/$2.conf
# `server ADDRESS…;` with what stands behind it; the last word says whether it is down.
line() { awk -v s="$server" '{ name = $2; sub(/;$/, "", name) } $1 == "server" && name == s { print; found = 1 } END { exit !found }' "$list"; }
write() {
  line >/dev/null || { echo "$list has no server $server" >&2; exit 1; }
  cp -p "$list" "$list.before"
  awk -v s="$server" -v down="$1" '
    { name = $2; sub(/;$/, "", name) }
    $1 == "server" && name == s { sub(/ down;/, ";"); if (down) sub(/;/, " down;") }
    { print }' "$list.before" >"$list.new"
  mv "$list.new" "$list"
  # What nginx does not take must not wait for the next reload.
  nginx -t -q || { mv "$list.before" "$list"; exit 1; }
  rm "$list.before"
  nginx -s reload
}
case $act in
  out) write 1 ;;
  in) write '' ;;
  state) case $(line) in *' down;'*) echo out ;; *';'*) echo in ;; *) exit 1 ;; esac ;;
  *) echo "out, in or state, not $act" >&2; exit 2 ;;
esac

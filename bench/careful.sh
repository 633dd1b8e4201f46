#!/bin/sh
# What a careful person writes by hand: each host in turn, every step checked, a reboot proved by a new boot id.
# careful.sh SSH_CONFIG HOST...
set -eu
config=$1
shift
on() { h=$1; shift; ssh -F "$config" "$h" "$@"; }

for host in "$@"; do
  on "$host" 'sudo -n sh -ec "
    mkdir -p -m 700 /var/backups/by-hand
    tar -czf /var/backups/by-hand/etc.tar.gz -C / etc
    tar -tzf /var/backups/by-hand/etc.tar.gz >/dev/null
    apt-get -q update
    apt-get -y -q --download-only dist-upgrade
    systemctl is-active --quiet demo-web"'
  before=$(on "$host" 'cat /proc/sys/kernel/random/boot_id')
  on "$host" 'sudo -n sh -ec "
    systemctl stop demo-web
    systemd-tmpfiles --clean
    DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-download -o Dpkg::Options::=--force-confold dist-upgrade
    apt-get clean
    dpkg --audit
    sshd -t"'
  if on "$host" 'test -e /run/reboot-required'; then
    on "$host" 'sudo -n systemctl reboot' || true
    ssh -F "$config" -O exit "$host" 2>/dev/null || true
    tries=0
    until now=$(on "$host" 'cat /proc/sys/kernel/random/boot_id' 2>/dev/null) && [ "$now" != "$before" ]; do
      tries=$((tries + 1))
      [ "$tries" -lt 300 ]
      sleep 0.2
    done
  else
    on "$host" 'sudo -n systemctl start demo-web'
  fi
  tries=0
  until on "$host" 'systemctl is-active --quiet demo-web && curl -fsS -o /dev/null http://localhost:8080/health'; do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ]
    sleep 0.2
  done
  ssh -F "$config" -O exit "$host" 2>/dev/null || true
done

#!/bin/bash
# boot.sh FOLDER CGROUP MACHINE NETNS LAB_NETNS LAB_PORT [NSPAWN-OPTION...]: one machine, from power on to power off.
# Boots FOLDER/root with systemd-nspawn, and again after every reboot (nspawn ends with 133 then).
# Files in FOLDER steer it: no-return (a reboot ends in a dead machine), reboot-delay (seconds without power), cut (cable pulled).
# The switch port goes down with the machine: a machine without power answers nothing, not "connection refused".
set -u
export folder=$1 cgroup=$2 machine=$3 netns=$4 lab_netns=$5 lab_port=$6
shift 6
exec unshare --mount --propagation private bash -c '
  umount -R -l /sys/fs/cgroup && mount -t cgroup2 cgroup2 /sys/fs/cgroup   # systemd wants to see cgroup v2 alone
  mkdir -p /run/systemd/nspawn && mount -t tmpfs tmpfs /run/systemd/nspawn # nspawn refuses to clear it on a disk
  mkdir -p "/sys/fs/cgroup/$cgroup"
  while :; do
    rm -f "$folder/off"
    ip netns exec "$netns" nft flush ruleset                               # the namespace outlives the machine
    [ -e "$folder/cut" ] || ip -n "$lab_netns" link set "$lab_port" up
    bash -c "echo \$\$ > /sys/fs/cgroup/$cgroup/cgroup.procs; exec systemd-nspawn \"\$@\"" nspawn \
      --quiet --boot --keep-unit --register=no --machine="$machine" --directory="$folder/root" \
      --network-namespace-path="/run/netns/$netns" --link-journal=no --resolv-conf=off --timezone=off \
      --console=pipe --capability=CAP_NET_ADMIN "$@"
    code=$?
    ip -n "$lab_netns" link set "$lab_port" down
    [ "$code" = 133 ] || break
    [ -e "$folder/no-return" ] && break
    [ -e "$folder/reboot-delay" ] && sleep "$(cat "$folder/reboot-delay")"
  done
  echo "$code" > "$folder/off"' boot "$@"

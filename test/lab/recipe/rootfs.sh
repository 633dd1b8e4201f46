#!/bin/bash
# rootfs.sh ROOT KEY.pub PASSWORD DEB...: a Debian bookworm with systemd that systemd-nspawn can boot, for hosts of the lab.
# No python, and no trace of this machine: what Pitstop needs on a host must be nothing but sh and the usual tools.
set -eu
root=$1 key=$2 password=$3
shift 3
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
packages=systemd,systemd-sysv,dbus,openssh-server,sudo,curl,ca-certificates,iproute2,procps,iputils-ping,e2fsprogs,netbase
packages=$packages,nftables,cron,logrotate,less,rsync,socat,nginx-light,haproxy
mmdebstrap --mode=root --quiet --variant=minbase --include=$packages --aptopt='Acquire::Languages "none"' \
  bookworm "$root" "deb $mirror bookworm main"

# Nothing may start while packages are put in; no service starts at an upgrade either if this file is left behind.
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
mkdir "$root/tmp/debs"
cp "$@" "$root/tmp/debs/"
chroot "$root" sh -c 'DEBIAN_FRONTEND=noninteractive dpkg -i /tmp/debs/*.deb' > /dev/null
rm -r "$root/tmp/debs" "$root/usr/sbin/policy-rc.d"

add_login() { # add_login USER HOME: the lab's key opens it
  local id
  id=$(chroot "$root" id -u "$1")
  install -d -m 700 -o "$id" -g "$id" "$root$2/.ssh"
  install -m 600 -o "$id" -g "$id" "$key" "$root$2/.ssh/authorized_keys"
}
for user in maint pw nosudo; do chroot "$root" useradd --create-home --shell /bin/bash "$user"; done
chroot "$root" chsh -s /bin/sh pw
echo "pw:$password" | chroot "$root" chpasswd
add_login root /root
for user in maint pw nosudo; do add_login "$user" "/home/$user"; done
echo 'maint ALL=(ALL) NOPASSWD:ALL' > "$root/etc/sudoers.d/maint"
echo 'pw ALL=(ALL) ALL' > "$root/etc/sudoers.d/pw"
chmod 440 "$root/etc/sudoers.d/maint" "$root/etc/sudoers.d/pw"
printf 'UseDNS no\nPermitRootLogin prohibit-password\nPasswordAuthentication no\nMaxStartups 100:30:200\n' \
  > "$root/etc/ssh/sshd_config.d/lab.conf"

# Timers that take the dpkg lock or the disk at a time of their own would make tests fail by the clock.
for timer in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer dpkg-db-backup.timer logrotate.timer; do
  chroot "$root" systemctl disable "$timer" > /dev/null 2>&1 || true
done
chroot "$root" systemctl disable getty@.service e2scrub_reap.service systemd-pstore.service haproxy.service > /dev/null 2>&1
ln -sf /dev/null "$root/etc/systemd/system/console-getty.service"

# Each host makes these its own at its first start.
rm -f "$root"/etc/ssh/ssh_host_*
: > "$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root/etc/resolv.conf" "$root/etc/hostname"
echo 'nameserver 127.0.0.1' > "$root/etc/resolv.conf"
rm -rf "$root/etc/apt/sources.list" "$root/etc/apt/sources.list.d"/* "$root/var/lib/apt/lists"/* "$root/var/cache/apt/archives"/*.deb

import { type Fact, ok, type Result, unknown } from '../facts/fact'
import { sh } from '../shell/sh'

/** Services with a process that still uses a library or program file which an upgrade replaced. */
export interface Outdated {
  /** Units of the system, `nginx.service`. */
  readonly services: readonly string[]
  /** Processes outside of any service of the system: sessions, containers, user managers. */
  readonly others: number
}

/** One look at the maps of all processes; a process that ends meanwhile is no error. Source: proc_pid_maps(5), cgroups(7). */
export const outdatedServices: Fact<Outdated> = {
  id: 'outdated-services',
  needs: 'root',
  cap: 262_144,
  sh: sh`[ -r /proc/1/maps ] || exit 9
grep -lE ' /[^ ]*(/s?bin/|/lib(32|64|exec)?/)[^ ]* \\(deleted\\)$' /proc/[0-9]*/maps 2>/dev/null | while IFS= read -r f; do
  d=\${f%/maps}; c=
  while IFS= read -r line; do case $line in 0::* | *:name=systemd:*) c=\${line#*:*:} ;; esac; done 2>/dev/null < "$d/cgroup"
  printf '%s\\t%s\\n' "\${d#/proc/}" "$c"
done
exit 0`,
  parse: (out, rc) => (rc === 0 ? parse(out) : unknown('the processes of the host could not be read')),
}

function parse(out: string): Result<Outdated> {
  const services = new Set<string>()
  let others = 0
  for (const row of out.split('\n').filter((l) => l !== '')) {
    const unit = serviceOf(row.split('\t')[1] ?? '')
    if (unit === undefined) others++
    else services.add(unit)
  }
  return ok({ services: [...services].sort(), others })
}

const SERVICE = /^[A-Za-z0-9:_.\\@-]+\.service$/

/** The service that a control group belongs to: the first below `system.slice` and slices within it. */
function serviceOf(group: string): string | undefined {
  const folders = group.split('/')
  const below = folders.slice(folders.indexOf('system.slice') + 1)
  const first = folders.includes('system.slice') ? below.find((name) => !name.endsWith('.slice')) : undefined
  return first !== undefined && SERVICE.test(first) ? first : undefined
}

// Restarting one of these takes down the session, the network or every container: they wait for a reboot.
const LEFT_ALONE = [
  /^dbus(?:-broker)?\.service$/,
  /^systemd-/,
  /^(?:serial-|console-)?getty@?/,
  /^(?:user|user-runtime-dir)@/,
  /^(?:gdm3?|sddm|lightdm|display-manager)\.service$/,
  /^(?:NetworkManager|networking|network|wpa_supplicant|connman|dhcpcd|wicked|iwd)(?:\.|@|d)/,
  /^(?:ifup@|netplan-|openvpn|wg-quick@|strongswan|ipsec)/,
  /^(?:docker|containerd|crio|cri-o|podman|lxc|lxd|incus|snapd|kubelet|k3s)/,
  /^(?:libvirtd|virtqemud|virtlogd|virtlockd|qemu|multipathd|iscsid|open-iscsi|lvm2|mdmonitor|ceph|gluster|drbd|corosync|pacemaker)/,
  /^(?:actions\.runner\.|gitlab-runner|pitstop)/,
  /^(?:polkit|accounts-daemon|emergency|rescue)/,
]

/** Services that may be restarted now, and those that wait for a reboot or a person. */
export function splitOutdated(services: readonly string[]): { restart: readonly string[]; wait: readonly string[] } {
  const isLeft = (unit: string) => LEFT_ALONE.some((pattern) => pattern.test(unit))
  return { restart: services.filter((s) => !isLeft(s)), wait: services.filter(isLeft) }
}

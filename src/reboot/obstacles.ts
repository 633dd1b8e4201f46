import { onSuccess } from '../facts/exit'
import { type Fact, ok, type Result, unknown } from '../facts/fact'
import { type Sh, sh } from '../shell/sh'

/** Why a host might not come back from a reboot, one sentence each; empty: nothing was found (H34). */
export type Obstacles = readonly string[]

/**
 * Looks at what the next boot needs: initramfs and modules of the newest kernel, modules built by DKMS, arrays at rest,
 * disks that open without a person.
 */
export function rebootObstacles(running: string, newest: string | null): Fact<Obstacles> {
  return {
    id: 'reboot-obstacles',
    needs: 'root',
    cap: 65_536,
    sh: sh`${arrays}
${newest === null ? sh`` : kernelFiles(running, newest)}
${encryptedDisks}
# systemd.offline-updates(7): the next boot would install what nobody has reviewed.
for f in /system-update /etc/system-update; do if [ -L "$f" ] || [ -e "$f" ]; then printf 'offline\\n'; break; fi; done
exit 0`,
    parse: onSuccess((out) => parse(out, running, newest)),
  }
}

const arrays: Sh = sh`for f in /sys/block/md*/md/sync_action; do
  [ -r "$f" ] || continue
  read -r action < "$f"; d=\${f#/sys/block/}
  case $action in idle | frozen) ;; *) printf 'raid\\t%s\\t%s\\n' "\${d%%/*}" "$action" ;; esac
done`

function kernelFiles(running: string, newest: string): Sh {
  return sh`uses=; for f in /boot/initrd.img-* /boot/initramfs-*.img /boot/initrd-*; do [ ! -s "$f" ] || uses=1; done
if [ -n "$uses" ] && ! [ -s ${`/boot/initrd.img-${newest}`} ] && ! [ -s ${`/boot/initramfs-${newest}.img`} ] && ! [ -s ${`/boot/initrd-${newest}`} ]; then
  printf 'initramfs\\n'
fi
[ ! -d ${`/lib/modules/${running}`} ] || [ -s ${`/lib/modules/${newest}/modules.dep`} ] || printf 'modules\\n'
if command -v dkms >/dev/null; then
  dkms status 2>/dev/null | while IFS= read -r line; do printf 'dkms\\t%s\\n' "$line"; done
fi`
}

// crypttab(5): name, device, key file, options. A key of `none` asks at the console.
const encryptedDisks: Sh = sh`if [ -r /etc/crypttab ] && ! command -v clevis >/dev/null; then
  while read -r name device key options rest; do
    case $name in '' | '#'*) continue ;; esac
    case ,$options, in *,noauto,* | *,nofail,* | *,keyscript=* | *,tpm2-device=* | *,pkcs11-uri=* | *,swap,*) continue ;; esac
    case $key in '' | none | -) printf 'crypt\\t%s\\n' "$name" ;; esac
  done < /etc/crypttab
fi`

function parse(out: string, running: string, newest: string | null): Result<Obstacles> {
  const found: string[] = []
  const modules: string[] = []
  for (const line of out.split('\n').filter((l) => l !== '')) {
    const [kind, name = '', action = ''] = line.split('\t')
    if (kind === 'raid') found.push(`the array ${name} is busy (${action})`)
    else if (kind === 'initramfs') found.push(`there is no initramfs for the kernel ${newest}`)
    else if (kind === 'modules') found.push(`there are no modules for the kernel ${newest}`)
    else if (kind === 'crypt') found.push(`the encrypted disk ${name} waits for a passphrase at the console`)
    else if (kind === 'offline') found.push('packages wait to be installed by the next boot (/system-update)')
    else if (kind === 'dkms') modules.push(name)
    else return unknown('the obstacles to a reboot could not be read')
  }
  return ok([...found, ...unbuilt(modules, running, newest)])
}

/** `zfs/2.1.11, 6.1.0-18-amd64, x86_64: installed`: what the running kernel has, the newest one needs too. */
function unbuilt(rows: readonly string[], running: string, newest: string | null): readonly string[] {
  if (newest === null) return []
  const builtFor = (kernel: string) =>
    rows
      .filter((row) => row.includes(`, ${kernel}, `) && /: installed/.test(row))
      .map((row) => row.split(/[/,]/)[0] ?? '')
  const ready = new Set(builtFor(newest))
  return builtFor(running)
    .filter((name) => !ready.has(name))
    .map((name) => `the module ${name} is not built for the kernel ${newest}`)
}

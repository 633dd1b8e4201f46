import { type Sh, sh } from '../../shell/sh'

/** Prints the pid and the folder of the program that holds the machine lock and lives; nothing where there is none. */
export function askWhoWorks(lockFile: string): Sh {
  return sh`p=; read -r p b t _ <${`${lockFile}.pid`} || exit 0
[ -n "$p" ] && read -r c </proc/sys/kernel/random/boot_id && [ "$b" = "$c" ] && read -r s <"/proc/$p/stat" || exit 0
s=\${s##*)}; set -- $s; [ "\${20}" = "$t" ] || exit 0
d=; read -r d <${`${lockFile}.dir`}; printf '%s %s\\n' "$p" "$d"`
}

/** In words what of an earlier run still works there; null: nothing does, or nobody could say. */
export function whoWorks(out: string): string | null {
  const found = /^(\d{1,10}) (\S{1,4096})$/.exec(out.trim())
  return found === null ? null : `a program still works there: pid ${found[1]}, ${found[2]}`
}

import { ok, unknown } from '../facts/fact'
import { sh } from '../shell/sh'
import type { LeftFile, Reading } from './package-manager'

/**
 * Files that dpkg or ucf left beside a configuration file: the new one of the package, or the one that was replaced. The
 * change time tells a file that was written over from one that already stood there.
 */
export const aptLeftConfiguration: Reading<readonly LeftFile[]> = {
  sh: sh`LC_ALL=C find /etc -xdev -type f ${'('} -name ${'*.dpkg-dist'} -o -name ${'*.dpkg-new'} -o -name ${'*.dpkg-old'} -o -name ${'*.ucf-dist'} -o -name ${'*.ucf-new'} -o -name ${'*.ucf-old'} ${')'} -printf ${'%C@ %p\\n'}`,
  parse: (out, rc) => {
    if (rc !== 0) return unknown('/etc could not be searched')
    const files = out.split('\n').flatMap((line): LeftFile[] => {
      const [, changed, file] = /^([0-9.]+) (\/.+)$/.exec(line) ?? []
      return changed === undefined || file === undefined ? [] : [{ file, changed }]
    })
    return ok(files.sort((a, b) => (a.file < b.file ? -1 : 1)))
  },
}

/**
 * The configuration files that dpkg would ask about, of the package files in `folder`: they differ from what the installed
 * package brought, and so does what the new one brings. A file that somebody removed counts as changed, as it does for dpkg.
 */
export function aptAskedConfiguration(folder: string): Reading<readonly string[]> {
  return {
    sh: sh`cd -- ${folder} || exit
digest() { md5sum | cut -d ' ' -f 1; }
for deb in *.deb; do
  [ -f "$deb" ] || continue
  name=$(dpkg-deb -f "$deb" Package) || exit
  dpkg-deb -I "$deb" conffiles 2>/dev/null | while read -r path; do
    case $path in /*) ;; *) continue ;; esac
    was=$(dpkg-query -W -f ${'${Conffiles}\\n'} "$name" 2>/dev/null | path=$path awk ${'$1 == ENVIRON["path"] { print $2; exit }'})
    is=; [ ! -e "$path" ] || is=$(digest <"$path") || exit
    [ "$is" != "$was" ] || continue
    new=$(dpkg-deb --fsys-tarfile "$deb" | tar -xOf - ".$path" | digest) || exit
    [ "$new" = "$was" ] || [ "$new" = "$is" ] || printf '%s\\n' "$path"
  done || exit
done
exit 0`,
    parse: (out, rc) =>
      rc === 0 ? ok(out.split('\n').filter((l) => l !== '')) : unknown('the downloaded packages could not be read'),
  }
}

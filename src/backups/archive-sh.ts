import { withoutLeading, withoutTrailing } from '../facts/trim'
import { type Sh, sh } from '../shell/sh'

export interface ArchiveFolder {
  /** Absolute, as written in the maintenance file. */
  readonly paths: readonly string[]
  readonly to: string
  readonly keep: number
  /** Begins the name of the folder: `keep` counts alike with alike. */
  readonly label: string
  /** UTC, `20261122T020000Z`: names sort by age. */
  readonly stamp: string
  /** 20 hex digits; the first eight end the name, so that two runs of one second do not want the same. */
  readonly run: string
  /** Prints the list of installed packages; null: none is kept. */
  readonly packageList: Sh | null
}

// The only names that are ever removed: a stamp, and the run behind it, which earlier versions left out.
const STAMP = sh`[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9][0-9][0-9][0-9][0-9][0-9]Z`
const HEX = sh`[0123456789abcdef]`
const STAMP_AND_RUN = sh`${STAMP}-${HEX}${HEX}${HEX}${HEX}${HEX}${HEX}${HEX}${HEX}`

/** The same in what the step prints. */
const NAME = /^name ([A-Za-z0-9.-]+-\d{8}T\d{6}Z-[0-9a-f]{8})$/m

/** The name of the folder that was written, as `writeArchive` printed it; undefined: it did not. */
export function archiveName(output: string): string | undefined {
  return NAME.exec(output)?.[1]
}

/**
 * Writes `<to>/<label>-<stamp>-<run>/` with the archive, its manifest and the package list, complete or not at all.
 * The digests of the manifest are taken from the stream while tar reads, before anything is on the disk, so that they
 * judge the disk too: the archive is read back as a whole, and a sample is restored and compared file by file.
 * Exit 0: proved. Prints `name`, `bytes`, `sha256`, `sample` and `changed` (files changed while they were read).
 */
export function writeArchive(a: ArchiveFolder): Sh {
  const relative = a.paths.map((path) => inside(path) || '.')
  return sh`umask 077; export LC_ALL=C
to=${a.to}; name=${`${a.label}-${a.stamp}-${a.run.slice(0, 8)}`}; dir=$to/$name; part=$dir.part
fail() { echo "$1" >&2; exit 1; }
cd / || exit 1
for p in ${relative}; do [ -e "$p" ] || fail "/$p is not there; take it out of the paths of the backup"; done
mkdir -p -- "$to" || exit 1
[ -d "$to" ] && [ ! -L "$to" ] && [ -O "$to" ] || fail "$to is not a folder of this user"
[ -z "$(find "$to" -maxdepth 0 -perm -0002)" ] || fail "$to can be written by everybody; run: chmod o-w $to"
[ ! -e "$dir" ] || fail "$dir is there already"
rm -rf -- "$to"/${a.label}-${STAMP}.part "$to"/${a.label}-${STAMP_AND_RUN}.part
trap 'rm -rf -- "$part"' EXIT; trap 'exit 1' HUP INT TERM
mkdir -- "$part" && mkfifo "$part/stream" "$part/members" || exit 1
find ${relative} -path ${inside(a.to)} -prune -o -type f -size -2048 -print 2>/dev/null | grep -v '\\\\' > "$part/files"
every=$(( $(wc -l < "$part/files") / 20 + 1 ))
awk -v n="$every" 'NR % n == 1 || n == 1' "$part/files" > "$part/sample"; rm -f "$part/files"
sha256sum < "$part/stream" > "$part/stream.sha256" & stream=$!
{ if [ -s "$part/sample" ]; then
    tar --extract --file=- --verbatim-files-from --files-from="$part/sample" --to-command='d=$(sha256sum) && printf "%s  %s\\n" "\${d%% *}" "$TAR_FILENAME"'
  fi > "$part/sample.sha256" 2>/dev/null; cat >/dev/null; } < "$part/members" & members=$!
{ { tar --create --file=- --numeric-owner --acls --xattrs --anchored --no-wildcards --exclude=${inside(a.to)} -- ${relative}; echo $? > "$part/tar.rc"; } |
  { tee "$part/stream" "$part/members"; echo $? > "$part/tee.rc"; } | gzip -c > "$part/archive.tar.gz"; } || fail "The archive could not be written to $to"
wait "$stream" && wait "$members" || fail 'The digests could not be taken'
read -r tar < "$part/tar.rc" && read -r tee < "$part/tee.rc" && [ "$tee" = 0 ] || fail "The archive could not be written to $to"
case $tar in 0|1) ;; *) fail "tar could not read everything (exit code $tar)" ;; esac
sync "$part/archive.tar.gz" 2>/dev/null || sync
[ "$(gzip -dc "$part/archive.tar.gz" | sha256sum)" = "$(cat "$part/stream.sha256")" ] || fail 'The archive on the disk differs from what was read'
sample=$(wc -l < "$part/sample.sha256")
if [ -s "$part/sample" ]; then
  [ "$sample" -gt 0 ] || fail 'No file of the sample is in the archive'
  sed 's/^.\\{66\\}//' "$part/sample.sha256" > "$part/sample"
  mkdir "$part/restored" && tar --extract --gzip --file="$part/archive.tar.gz" --directory="$part/restored" --no-same-owner --verbatim-files-from --files-from="$part/sample" &&
    ( cd "$part/restored" && sha256sum --check --status ../sample.sha256 ) || fail 'The restored sample differs from what was read'
fi
bytes=$(wc -c < "$part/archive.tar.gz") && sum=$(sha256sum < "$part/archive.tar.gz") || exit 1
${a.packageList === null ? sh`:` : sh`{ ${a.packageList}; } > "$part/packages" || fail 'The list of packages could not be written'`}
{ printf 'run %s\\nbytes %s\\narchive %s\\nstream %s\\nchanged %s\\n' ${a.run} "$bytes" "\${sum%% *}" "$(cut -c 1-64 "$part/stream.sha256")" "$tar"
  printf 'path /%s\\n' ${relative}; sed 's/^/sample /' "$part/sample.sha256"; } > "$part/manifest" || fail "The manifest could not be written to $to"
rm -rf -- "$part/restored" "$part/sample" "$part/sample.sha256" "$part/stream.sha256" "$part/tar.rc" "$part/tee.rc" "$part/stream" "$part/members"
sync "$part"/* "$part" 2>/dev/null || sync
mv -- "$part" "$dir" || exit 1
sync "$to" 2>/dev/null || sync || exit 1
trap - EXIT
set --
for d in "$to"/${a.label}-${STAMP}*; do case \${d#"$to"/${a.label}-} in ${STAMP} | ${STAMP_AND_RUN}) [ "$d" = "$dir" ] || set -- "$@" "$d" ;; esac; done
while [ $# -ge ${a.keep} ]; do rm -rf -- "$1"; shift; done
printf 'name %s\\nbytes %s\\nsha256 %s\\nsample %s\\nchanged %s\\n' "$name" "$bytes" "\${sum%% *}" "$sample" "$tar"`
}

/** The path as tar and find see it from `/`. */
function inside(path: string): string {
  return withoutTrailing(withoutLeading(path, '/'), '/')
}

import { quote } from '../shell/sh'
import { IS_TAKEN } from './program'
import { forgetSecretsOfAll } from './program/secret-files'
import { FRESH, type HostState, parseState } from './state'

/** Seconds after its last renewal at which a lease may be taken over, by the host's own uptime. */
export const LEASE_TTL_S = 600

/** Longer than a lease of any version lasts: one that says more would keep everybody away for as long as it likes. */
const LONGEST_LEASE_S = 3600

export interface LeaseWant {
  readonly stateDir: string
  readonly lockFile: string
  readonly asRoot: boolean
  /** The lease of this very run may be taken over: post, whose main is dead. */
  readonly adopt: boolean
  readonly run: string
  /** Random; ownership is this, not the run id. */
  readonly owner: string
  /** Shown to whom the lease refuses. */
  readonly url: string
  /** A person settles the host: a lease that cannot be true stops nobody then. */
  readonly overForged?: boolean
}

export type LeaseAnswer =
  | {
      readonly t: 'taken'
      readonly token: number
      /** null: the state file is torn, forged, of another version, or gone. */
      readonly state: HostState | null
      /** Number of undo files that nobody ran. */
      readonly undos: number
    }
  | { readonly t: 'held'; readonly run: string; readonly url: string | null; readonly ageS: number | null }
  /** A program of an earlier run lives: `<run>/<id>` of its folder. */
  | { readonly t: 'alive'; readonly dir: string; readonly pid: number | null }
  /** The record of the lease is torn, or cannot be true: renewed later than now, or lasting longer than leases do. */
  | { readonly t: 'forged' }
  | { readonly t: 'unsafe'; readonly path: string }
  | { readonly t: 'unwritable' }
  | { readonly t: 'unknown' }

/**
 * An address that a lease names is the word of whoever wrote it there, and people follow it: it is shown only where it leads
 * to the server of our own run.
 */
export function urlOfLease(url: string, own: string): string | null {
  if (!URL.canParse(url) || !URL.canParse(own)) return null
  const [theirs, ours] = [new URL(url), new URL(own)]
  const isOurs = theirs.origin === ours.origin && theirs.protocol === 'https:' && theirs.username === ''
  return isOurs ? url : null
}

const SAFE_WORD = (text: string) => text.replaceAll(/[^A-Za-z0-9._:/?=&-]/g, '_').slice(0, 200) || '-'

/** H22: as root every component is a real directory of root that nobody else may write to. */
const CHECK_PATH = `c=; IFS=/; for x in $1; do IFS=" "; [ -n "$x" ] || continue; c=$c/$x; if [ -L "$c" ] || [ -e "$c" ]; then [ -n "$(find "$c" -maxdepth 0 -type d -user 0 ! -perm -002 ! -perm -020 2>/dev/null)" ] || { printf 'unsafe %s\\n' "$c"; exit 0; }; fi; done; IFS=" "`

/** Without root only the folder itself is judged: a link on the way to it may be how the home is made. */
const CHECK_OWN = `if [ -e "$S" ]; then [ -O "$S" ] && [ -n "$(find "$S/" -maxdepth 0 -type d ! -perm -002 ! -perm -020 2>/dev/null)" ] || { printf 'unsafe %s\\n' "$S"; exit 0; }; fi`

export const READ_UP = 'read -r up _ </proc/uptime; up=${up%%.*}; read -r boot </proc/sys/kernel/random/boot_id'

/** Reads the lease file into l_*: never sourced, only known keys. l_torn: it is there, and not one of ours. */
export const READ_LEASE = `l_token=0 l_owner= l_run=- l_boot= l_up=0 l_ttl=${LEASE_TTL_S} l_url=- l_torn=
if [ -f "$S/lease" ]; then l_token=; while IFS== read -r k v; do case $k in token) l_token=$v;; owner) l_owner=$v;; run) l_run=$v;; boot) l_boot=$v;; up) l_up=$v;; ttl) l_ttl=$v;; url) l_url=$v;; esac; done <"$S/lease"; elif [ -e "$S/lease" ] || [ -L "$S/lease" ]; then l_torn=yes; fi
for n in "$l_token" "$l_up" "$l_ttl"; do case $n in ''|*[!0-9]*|??????????*) l_token=0 l_up=0 l_ttl=${LEASE_TTL_S} l_torn=yes;; esac; done
[ "$l_ttl" -le ${LONGEST_LEASE_S} ] || l_torn=yes
for n in "$l_run" "$l_url"; do case $n in ''|*[!A-Za-z0-9._:@+/?=\\&-]*) l_torn=yes;; esac; [ \${#n} -le 200 ] || l_torn=yes; done`

/**
 * After READ_LEASE, so that a renewal in between cannot look like one to come. A lease that nobody holds may bear any time:
 * some containers keep their boot id while their uptime begins anew.
 */
const FIND_FORGED = `${READ_UP}
[ -z "$l_owner" ] || [ "$l_boot" != "$boot" ] || [ "$l_up" -le "$up" ] || l_torn=yes`

const write = (owner: string) =>
  `printf 'token=%s\\nowner=%s\\nrun=%s\\nboot=%s\\nup=%s\\nttl=${LEASE_TTL_S}\\nurl=%s\\n' "$T" ${owner} "$R" "$boot" "$up" "$U" >"$S/lease.new" 2>/dev/null && { sync "$S/lease.new" 2>/dev/null || sync; } && mv "$S/lease.new" "$S/lease" && { sync "$S" 2>/dev/null || sync; }`

const COUNT_UNDOS = 'u=0; for f in "$S"/undo/*.sh; do [ -e "$f" ] && u=$((u+1)); done'

/**
 * A host with a baseline or undos had a state: where that is gone, nobody knows what it said. Only a file is read: a fifo
 * or a device in its place would keep the shell for ever.
 */
const TELL_STATE = `if [ -f "$S/state" ]; then cat "$S/state"; echo; elif [ -e "$S/state" ] || [ -L "$S/state" ] || [ -e "$S/baseline.json" ] || [ "$u" -gt 0 ]; then echo lost; fi; printf 'end\\n'`

const SHORT_LOCK =
  'exec 8>>"$S/lease.lock"; if command -v flock >/dev/null; then i=0; until flock -n 8 8>&8; do i=$((i+1)); [ $i -lt 100 ] || exit 0; sleep 0.1; done; fi'

/** Takes the lease unless it is held, a program lives, or the folder cannot be trusted. One round trip. */
export function compileTake(w: LeaseWant): string {
  const lockDir = w.lockFile.slice(0, w.lockFile.lastIndexOf('/'))
  // Main is dead, its program is not: the lease of the two is given up, so that the next run attaches at once.
  const giveUp = w.adopt ? `if [ "$l_run" = "$R" ]; then T=$l_token; ${write("''")}; fi; ` : ''
  return [
    `S=${quote(w.stateDir)} R=${quote(w.run)} O=${quote(w.owner)} U=${quote(SAFE_WORD(w.url))}`,
    w.asRoot ? `set -- "$S"; ${CHECK_PATH}` : CHECK_OWN,
    "printf 'safe\\n'",
    `mkdir -p -m 700 "$S" "$S/runs" "$S/undo" ${quote(lockDir)} 2>/dev/null && : 2>/dev/null >>"$S/lease.lock" || { printf 'unwritable\\n'; exit 0; }`,
    SHORT_LOCK,
    READ_LEASE,
    FIND_FORGED,
    w.overForged ? '[ -z "$l_torn" ] || l_owner=' : '[ -z "$l_torn" ] || { printf \'forged\\n\'; exit 0; }',
    // Another boot: its age is at least our uptime, so it is over once the uptime is past its time.
    'if [ "$l_boot" = "$boot" ]; then age=$((up-l_up)); else age=$up; fi',
    ...(w.adopt ? ['[ "$l_run" != "$R" ] || l_owner='] : []),
    'if [ -n "$l_owner" ] && [ "$l_owner" != "$O" ] && [ "$age" -lt "$l_ttl" ]; then printf \'held %s %s %s\\n\' "$age" "$l_run" "$l_url"; exit 0; fi',
    // After the lease: a program of a run that holds it is at work, not left behind.
    `exec 9>>${quote(w.lockFile)}; ${IS_TAKEN}\nif taken ${quote(w.lockFile)}; then p=; read -r p _ <${quote(`${w.lockFile}.pid`)}; d=; read -r d <${quote(`${w.lockFile}.dir`)}; ${giveUp}printf 'alive %s %s\\n' "\${p:--}" "\${d:--}"; exit 0; fi; exec 9>&-`,
    's_token=0; [ -f "$S/state" ] && while IFS== read -r k v; do [ "$k" = token ] && s_token=$v; done <"$S/state"',
    'case $s_token in \'\'|*[!0-9]*) s_token=0;; esac; T=$l_token; [ "$s_token" -le "$T" ] || T=$s_token',
    '[ "$l_owner" = "$O" ] || T=$((T+1))',
    `${write('"$O"')} || { printf 'unwritable\\n'; exit 0; }`,
    forgetSecretsOfAll(w.stateDir),
    '[ -e "$S/reserve" ] || head -c 1048576 /dev/zero >"$S/reserve" 2>/dev/null',
    COUNT_UNDOS,
    `printf 'taken %s %s\\n' "$T" "$u"; ${TELL_STATE}`,
  ].join('\n')
}

export function parseTake(text: string): LeaseAnswer {
  const [safe, head = '', ...rest] = text.split('\n')
  const unsafe = /^unsafe (\/[\x20-\x7e]{0,400})$/.exec(safe ?? '')
  if (unsafe) return { t: 'unsafe', path: unsafe[1] as string }
  if (safe !== 'safe') return { t: 'unknown' }
  if (head === 'unwritable') return { t: 'unwritable' }
  if (head === 'forged') return { t: 'forged' }
  const held = /^held (\d{1,12}) ([A-Za-z0-9._:@+/?=&-]{1,200}) ([A-Za-z0-9._:@+/?=&-]{1,200})$/.exec(head)
  if (held) return { t: 'held', ageS: Number(held[1]), run: held[2] as string, url: held[3] as string }
  const alive = /^alive (\d{1,10}|-) ([A-Za-z0-9._:@+~%/-]{1,400})$/.exec(head)
  if (alive) return { t: 'alive', pid: alive[1] === '-' ? null : Number(alive[1]), dir: alive[2] as string }
  const taken = /^taken (\d{1,9}) (\d{1,6})$/.exec(head)
  const end = rest.lastIndexOf('end')
  if (!taken || end < 0) return { t: 'unknown' }
  return {
    t: 'taken',
    token: Number(taken[1]),
    undos: Number(taken[2]),
    // A file that is there and empty was torn: only a host without one is fresh.
    state: end === 0 ? FRESH : parseState(rest.slice(0, end).join('\n') || 'torn'),
  }
}

/** What stands on a host, without taking or writing anything. */
export interface LeaseLook {
  /** A lease that is held and not over. */
  readonly leased: boolean
  /** null: it, or the lease, is torn, forged or of another version. */
  readonly state: HostState | null
}

/** @param owner whose own lease is none that keeps it away */
export function compileLook(stateDir: string, owner = ''): string {
  return [
    `S=${quote(stateDir)} O=${quote(owner)}`,
    READ_LEASE,
    FIND_FORGED,
    'if [ "$l_boot" = "$boot" ]; then age=$((up-l_up)); else age=$up; fi; h=no; [ -n "$l_owner" ] && [ "$l_owner" != "$O" ] && [ "$age" -lt "$l_ttl" ] && h=yes; [ -z "$l_torn" ] || h=forged',
    COUNT_UNDOS,
    `printf 'leased %s\\n' "$h"; ${TELL_STATE}`,
  ].join('\n')
}

const LOOKS: readonly string[] = ['leased yes', 'leased no', 'leased forged']

/** null: no whole answer. */
export function parseLook(text: string): LeaseLook | null {
  const [head, ...rest] = text.split('\n')
  const end = rest.lastIndexOf('end')
  if (!LOOKS.includes(head ?? '') || end < 0) return null
  if (head === 'leased forged') return { leased: false, state: null }
  return {
    leased: head === 'leased yes',
    state: end === 0 ? FRESH : parseState(rest.slice(0, end).join('\n') || 'torn'),
  }
}

/** Writes the time again; answers `lost` where the lease is not ours any more. */
export function compileRenew(w: LeaseWant, token: number): string {
  return renewing(w, token, write('"$O"'))
}

/** Gives the lease back; the token stays on the disk, so that the next one is higher. */
export function compileRelease(w: LeaseWant, token: number): string {
  return renewing(w, token, write("''"))
}

function renewing(w: LeaseWant, token: number, act: string): string {
  return [
    `S=${quote(w.stateDir)} R=${quote(w.run)} O=${quote(w.owner)} U=${quote(SAFE_WORD(w.url))} T=${token}`,
    SHORT_LOCK,
    READ_UP,
    READ_LEASE,
    `[ "$l_owner" = "$O" ] && [ "$l_token" = "$T" ] || { printf 'lost\\n'; exit 0; }`,
    `${act} && printf 'ok\\n'`,
  ].join('\n')
}

import { createHash } from 'node:crypto'
import { quote, type Sh, sh } from '../shell/sh'
import { unseenByGit } from './etc/unseen-by-git'
import { MOTD, TO_MOTD } from './held/notice'
import { READ_LEASE, READ_UP } from './lease'
import { IS_TAKEN } from './program'
import { forgetOwnUndos, OWN_UNDOS } from './undo-files'

export interface DeadManPlace {
  readonly stateDir: string
  readonly lockFile: string
  readonly asRoot: boolean
}

const LOOK_EVERY_S = 15

/**
 * The script of the dead man's timer (design 4.3). It undoes the local drain when the run that drained the host is gone:
 * only if it gets the machine lock (no program lives), the lease is over by the host's own uptime, the boot is the one in
 * which it was armed, and `touched` is false. In any other case the host stays as it is, and says so.
 */
function deadManScript(p: DeadManPlace): string {
  const [lock, pid, dir] = [p.lockFile, `${p.lockFile}.pid`, `${p.lockFile}.dir`].map(quote)
  return [
    'LC_ALL=C; export LC_ALL; umask 077; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin',
    `S=${quote(p.stateDir)}; A="$S/dead-man/armed"`,
    'exec 7>>"$S/dead-man/lock"; if command -v flock >/dev/null; then flock -n 7 7>&7 || exit 0; fi',
    IS_TAKEN,
    `say() { logger -t pitstop -- "$1" 2>/dev/null; ${p.asRoot ? `{ ${TO_MOTD.text}; } 2>/dev/null && printf 'Pitstop: %s\\n' "$1" >>${MOTD};` : ''} printf '%s\\n' "$1" >"$S/dead-man/said"; }`,
    `while [ -e "$A" ]; do sleep ${LOOK_EVERY_S} 7>&-`,
    '[ -e "$A" ] || exit 0; read -r armed <"$A"',
    READ_UP,
    '[ "$armed" = "$boot" ] || { say "the host was rebooted while it was drained, and its run has not come back: it stays as it is"; rm -f "$A"; exit 0; }',
    READ_LEASE,
    '[ "$l_boot" = "$boot" ] || continue; [ -z "$l_owner" ] || [ $((up-l_up)) -ge "$l_ttl" ] || continue',
    // A file that cannot be opened ends a shell outright.
    `mkdir -p ${quote(p.lockFile.slice(0, p.lockFile.lastIndexOf('/')))}; exec 9>>${lock}; if taken ${lock}; then exec 9>&-; continue; fi`,
    // Noted like a program, so that whoever comes meanwhile knows who holds the lock, with flock or without.
    `read -r me </proc/$$/stat; me=\${me##*)}; set -- $me; printf '%s %s %s\\n' "$$" "$boot" "\${20}" >${pid}; printf '%s\\n' "$S/dead-man" >${dir}`,
    // From here on no program of the run that was away can begin: its token is no longer the one on the host.
    'exec 8>>"$S/lease.lock"; if command -v flock >/dev/null; then flock -n 8 8>&8 || { exec 8>&- 9>&-; continue; }; fi',
    READ_LEASE,
    '[ -z "$l_owner" ] || [ $((up-l_up)) -ge "$l_ttl" ] || { exec 8>&- 9>&-; continue; }',
    'touched= drained=; while IFS== read -r k v; do case $k in touched) touched=$v;; drained) drained=$v;; esac; done <"$S/state"',
    '[ "$drained" = true ] || { rm -f "$A"; exit 0; }',
    '[ "$touched" = false ] || { say "its run is gone after it began to change the host: it stays as it is until the next run or recover"; rm -f "$A"; exit 0; }',
    'T=$((l_token+1)); R=$l_run; U=$l_url',
    `printf 'token=%s\\nowner=\\nrun=%s\\nboot=%s\\nup=%s\\nttl=%s\\nurl=%s\\n' "$T" "$R" "$boot" "$up" "$l_ttl" "$U" >"$S/lease.new" && mv "$S/lease.new" "$S/lease" && { sync "$S" 2>/dev/null || sync; } || exit 1`,
    'exec 8>&-; cd "$S/undo" || exit 1; ok=yes',
    `for f in $(ls | grep -E ${quote(OWN_UNDOS)} | sort -r); do`,
    '  grep -q "^# dead-man yes$" "$f" || { ok=no; say "its run is gone; $f can only be undone by a run: start one, or recover"; break; }',
    '  n=0; until sh "./$f" </dev/null >>"$S/dead-man/log" 2>&1 7>&- 9>&-; do n=$((n+1)); [ "$n" -lt 3 ] || { ok=no; break; }; sleep 1; done',
    '  [ "$ok" = yes ] || { say "its run is gone, and $f could not be undone: start a run, or recover"; break; }',
    '  mv "$f" "${f%.sh}.done"; sync . 2>/dev/null || sync',
    'done',
    `if [ "$ok" = yes ]; then sed -e 's/^drained=.*/drained=false/' -e 's/^phase=.*/phase=idle/' -e "s/^token=.*/token=$T/" "$S/state" >"$S/state.new" && mv "$S/state.new" "$S/state" && { sync "$S" 2>/dev/null || sync; }; say "its run was gone, and nothing had been changed: the drain was undone"; fi`,
    'rm -f "$A"; exit 0',
    'done',
  ].join('\n')
}

/** Enabled by the link that `systemctl enable` would make (systemctl(1)), which costs a reload of its own. */
const WANTS = '/etc/systemd/system/multi-user.target.wants'

/** The unit's name: one for each state folder, so that several on one machine do not share it. */
function deadManUnit(stateDir: string): string {
  const own =
    stateDir === '/var/lib/pitstop' ? '' : `-${createHash('sha256').update(stateDir).digest('hex').slice(0, 8)}`
  return `pitstop-dead-man${own}.service`
}

/**
 * Arms it, on a host that is not drained: undo files of an earlier run mean nothing any more, and go. With systemd and root it is an enabled unit on the disk, which a crash of the loop or a reboot does not end;
 * the unit stays on the host afterwards, asleep, so that arming is one file and one start. Elsewhere it is a process.
 */
export function armDeadMan(p: DeadManPlace): Sh {
  const dir = `${p.stateDir}/dead-man`
  const unit = `/etc/systemd/system/${deadManUnit(p.stateDir)}`
  const script = deadManScript(p)
  const text = `[Unit]\nDescription=Pitstop: undo the drain of this host if its run is gone\nConditionPathExists=${dir}/armed\n[Service]\nExecStart=/bin/sh ${dir}/watch\nRestart=on-failure\nRestartSec=15\n[Install]\nWantedBy=multi-user.target\n`
  const start = p.asRoot ? startUnit(unit, deadManUnit(p.stateDir), text) : sh`:`
  return sh`mkdir -p -m 700 ${dir} || exit 1; rm -f ${`${dir}/said`}; { ${forgetOwnUndos(p.stateDir)}; } || exit 1
[ "$(cat ${`${dir}/watch`} 2>/dev/null; echo x)" = ${`${script}\nx`} ] || { printf '%s\n' ${script} >${`${dir}/watch.new`} && mv ${`${dir}/watch.new`} ${`${dir}/watch`}; } || exit 1
read -r b </proc/sys/kernel/random/boot_id && printf '%s\n' "$b" >${`${dir}/armed.new`} && mv ${`${dir}/armed.new`} ${`${dir}/armed`} && { sync ${dir} 2>/dev/null || sync; } || exit 1
${start}
if command -v setsid >/dev/null; then setsid sh ${`${dir}/watch`} </dev/null >/dev/null 2>&1 & else ( trap '' HUP; exec sh ${`${dir}/watch`} ) </dev/null >/dev/null 2>&1 & fi`
}

/**
 * A unit that systemd has never heard of is read from the disk when it is started; systemd before 247 may not look, and a
 * file that changed is not read again: both need the reload, for which a large host takes long.
 */
function startUnit(path: string, unit: string, text: string): Sh {
  return sh`if [ -d /run/systemd/system ]; then
  r=; if [ "$(cat ${path} 2>/dev/null; echo x)" != ${`${text}x`} ]; then
    [ ! -e ${path} ] || r=yes
    ${unseenByGit}
    printf '%s' ${text} >${`${path}.new`} && mv ${`${path}.new`} ${path} && mkdir -p ${WANTS} && ln -sf ${path} ${`${WANTS}/${unit}`} || exit 1
  fi
  if [ -z "$r" ] && systemctl restart ${unit} 2>/dev/null; then exit 0; fi
  systemctl daemon-reload && systemctl restart ${unit} || exit 1
  exit 0
fi`
}

/** Once this file is gone the dead man never acts; the loop ends by itself. */
export function disarmDeadMan(p: Pick<DeadManPlace, 'stateDir' | 'asRoot'>): Sh {
  const motd = p.asRoot ? sh`; rm -f ${MOTD}` : sh``
  return sh`rm -f ${`${p.stateDir}/dead-man/armed`}${motd}`
}

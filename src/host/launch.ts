/**
 * `launch NAME FILE ARG`: starts `sh FILE ARG` so that it outlives this shell, its connection and its login session.
 * Where systemd ends what a session leaves behind (KillUserProcesses=, logind.conf(5)), a shell that starts programs first
 * moves itself into a scope of its own (org.freedesktop.systemd1(5), StartTransientUnit): once a shell, where a transient
 * service for each program costs two hundredths of a second. Where that cannot be had, the program gets its service.
 */
export function defineLaunch(systemd: boolean): string {
  return systemd ? `${DETACH}\n${OWN_SCOPE}` : `${DETACH}\nlaunch() { shift; detach "$@"; }`
}

const DETACH =
  'detach() { if command -v setsid >/dev/null; then setsid sh "$@" </dev/null >/dev/null 2>&1 & else ( trap "" HUP; exec sh "$@" ) </dev/null >/dev/null 2>&1 & fi; }'

// systemd moves the processes a moment after it took the order, hence the looking again. `$$` is the shell that reads
// payload after payload, `_p` the one below it that runs this payload.
const OWN_SCOPE = `is_own() { while read -r _l; do case $_l in *:/*/pitstop-shell-*.scope) return 0;; esac; done </proc/self/cgroup; return 1; }
move() { read -r _p _ </proc/self/stat
  busctl --quiet call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager StartTransientUnit 'ssa(sv)a(sa(sv))' "pitstop-shell-$$-$_p.scope" fail 3 Description s 'Pitstop: programs of a run' CollectMode s inactive-or-failed PIDs au 2 $$ "$_p" 0 || return
  _i=0; until is_own; do _i=$((_i+1)); [ "$_i" -lt 200 ] || return; sleep 0.005; done; } >/dev/null 2>&1
launch() { _u=$1; shift; if is_own || move; then detach "$@"; else systemd-run --quiet --collect --unit="$_u" -p KillMode=process /bin/sh "$@"; fi; }`

import { type ChildProcess, spawn } from 'node:child_process'
import { Readable, Writable } from 'node:stream'
import { childEnv } from './child-env'
import { masterArguments, type OpensshTarget } from './openssh-options'

/**
 * Holds ssh, and ends it when the pipe on descriptor 3 closes: with us, however we end. Without it a killed runner would
 * leave behind a logged-in connection, and perhaps a key on the disk. Ends itself with the exit code of ssh.
 */
const KEEPER =
  'd=$1; shift; ' +
  // The passphrase, if any, waits in a pipe for the program that ssh asks (SSH_ASKPASS): in no file and no environment.
  'w=; if [ -n "${SSH_ASKPASS-}" ]; then mkfifo -m 600 "$d/passphrase" && { cat <&4 >"$d/passphrase" 3<&- & w=$!; }; fi; ' +
  'exec 4<&-; "$@" </dev/null 3<&- & s=$!; ' +
  // The key goes first: once ssh ends, the keeper ends these helpers of its own.
  '(cat <&3 >/dev/null 2>&1; rm -rf "$d"; kill "$s") 2>/dev/null & k=$!; exec 3<&-; ' +
  'wait "$s"; r=$?; kill "$k" $w 2>/dev/null; exit "$r"'

export interface Master {
  readonly process: ChildProcess
  /** The last line that ssh printed: for messages only. */
  said(): string
  /** Ends ssh and everything it started. */
  kill(): void
}

/**
 * Starts the `ssh` that holds the connection. `env` is added to the allow-listed environment of that one process and of
 * what it starts: no secret is in it. `passphrase` is for the program named by SSH_ASKPASS alone.
 */
export function startMaster(
  target: OpensshTarget,
  env: Readonly<Record<string, string>>,
  passphrase: string | null,
): Master {
  const child = spawn('/bin/sh', ['-c', KEEPER, 'sh', target.folder, 'ssh', ...masterArguments(target)], {
    env: childEnv(process.env, env),
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    // Ctrl-C for the runner's group must not cut the connection of a step.
    detached: true,
  })
  const lifeline = child.stdio[3]
  lifeline?.on('error', () => {})
  child.once('exit', () => lifeline?.destroy())
  const secret = child.stdio[4]
  secret?.on('error', () => {})
  if (secret instanceof Writable) secret.end(passphrase === null ? '' : `${passphrase}\n`)
  return {
    process: child,
    said: lastLineOf(child.stderr ?? Readable.from([])),
    kill: () => {
      if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
      // The whole group: the keeper, ssh and its proxy command.
      process.kill(-child.pid, 'SIGTERM')
    },
  }
}

function lastLineOf(stream: Readable): () => string {
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-2_000)
  })
  return () => text.trim().split('\n').at(-1)?.trim() ?? ''
}

import type { ChildProcessByStdio } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import type { Channel } from './remote'

export type PipedChild = ChildProcessByStdio<Writable, Readable, Readable>

/**
 * A child process as a channel. `trust` has the last word on the exit code once the child is gone and its output read:
 * what it does not vouch for is unknown.
 */
export function childChannel(child: PipedChild, trust: (code: number) => Promise<number | null>): Channel {
  // A command that does not read its input closes the pipe: that is its right, not our crash.
  child.stdin.on('error', () => {})
  let giveUp: (code: null) => void = () => {}
  const exit = new Promise<number | null>((resolve) => {
    giveUp = resolve
    child.on('error', () => resolve(null))
    child.on('close', (code) => {
      if (code === null) resolve(null)
      else trust(code).then(resolve, () => resolve(null))
    })
  })
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    exit,
    close: () => {
      giveUp(null)
      child.stdin.destroy()
      child.stdout.destroy()
      child.stderr.destroy()
      // The command may live on; it must not keep our process from ending.
      child.unref()
    },
  }
}

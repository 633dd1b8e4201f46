import type { Writable } from 'node:stream'

/**
 * Whoever reads the log may go away, or its disk may be full: hosts that are being worked on are none the worse for it.
 * Without a listener such an error would end the process. All that is told is in the journal too.
 */
export function outliveOutput({ stdout, stderr }: { readonly stdout: Writable; readonly stderr: Writable }): void {
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined)
}

import type { HostConfig } from '../config/schema'
import { ConnectError, HostKeyError, LoginRefused, NoRootError, sentenceOf } from '../errors'
import type { Machine } from '../host/machine'
import type { EngineIo } from './engine-io'
import { ended, type HostEnd } from './host-end'

/** The machine of a host, or the verdict of one that cannot be had. `key`: it refused ours, or showed a wrong one. */
export async function openHost(host: HostConfig, io: EngineIo): Promise<Machine | HostEnd> {
  try {
    return await io.open(host, io.signal)
  } catch (error) {
    const unseen = (reason: string): HostEnd => ({ ...ended('untouched', reason), unseen: true })
    if (io.signal.aborted) return unseen('the run was cancelled before anything began')
    if (error instanceof NoRootError) return unseen(sentenceOf(error))
    const key = error instanceof HostKeyError || error instanceof LoginRefused ? { key: true as const } : {}
    if (error instanceof ConnectError) return { ...ended('unreachable', sentenceOf(error)), ...key }
    throw error
  }
}

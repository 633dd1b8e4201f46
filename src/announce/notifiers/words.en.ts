import type { RunVerdict } from '../../journal/event'
import type { NoticeWords } from './words'

const ENDED: Readonly<Record<RunVerdict, string>> = {
  live: 'is finished: every host is verified and live',
  partial: 'is finished in part: not every host was maintained',
  held: 'is finished: hosts are held and wait for a person',
  failed: 'failed: look at the run',
  refused: 'was refused',
  planned: 'was planned',
  announced: 'was announced',
}

export const english: NoticeWords = {
  begun: (name, hosts) => `Maintenance ${name} has begun: ${hosts} ${hosts === 1 ? 'host' : 'hosts'}.`,
  held: (name, host) => `Maintenance ${name}: ${host ?? 'a host'} is held and waits for a person.`,
  finished: (name, verdict) => `Maintenance ${name} ${ENDED[verdict]}.`,
  reason: (text) => `Reason: ${text}`,
  call: (owner) => `Call ${owner}.`,
  openRun: 'Open the run',
  hosts: {
    live: 'live',
    'rolled-back': 'rolled back',
    held: 'held',
    untouched: 'untouched',
    unreachable: 'unreachable',
  },
}

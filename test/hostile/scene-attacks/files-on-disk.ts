import { HOSTILE_TEXT } from '../plain-log'
import { deepJson } from '../rogue-disk'
import { CANARY, type SceneAttack } from '../scene-attack'
import { ANY, changed, NOT_BEGUN, onDisk } from './disks'

const lease = (
  id: string,
  does: string,
  said: Readonly<Record<string, string | number>>,
  more: Partial<SceneAttack> = {},
) => onDisk('lease', `lease-${id}`, does, (on) => on.lease(said), { verdicts: NOT_BEGUN, ...more })

export const leaseFileAttacks: readonly SceneAttack[] = [
  lease('ttl', 'has a lease that lasts for a year', { owner: 'o', ttl: 31_536_000 }),
  lease('token', 'has a lease with a token of eleven digits', { owner: 'o', token: '99999999999' }),
  lease('token-text', 'has a lease whose token is shell text', { owner: 'o', token: `$(touch ${CANARY})` }),
  lease(
    'url',
    'has a lease of a run whose address is workflow commands',
    { owner: 'o', url: '::error::owned' },
    { verdicts: ANY },
  ),
  lease('run', 'has a lease of a run called in terminal sequences', { owner: 'o', run: '\x1b[2Jowned' }),
  lease(
    'octal',
    'has a lease with a number that a shell reads as octal',
    { owner: 'o', token: '09' },
    { verdicts: ANY },
  ),
  onDisk('lease', 'lease-fifo', 'has its lease in a fifo', (on) => on.fifo('lease'), { verdicts: NOT_BEGUN }),
  onDisk('lease', 'lease-folder', 'has its lease in a folder', (on) => on.folder('lease'), { verdicts: NOT_BEGUN }),
  onDisk('lease', 'lease-zero', 'has its lease in a device that never ends', (on) => on.link('lease', '/dev/zero'), {
    verdicts: NOT_BEGUN,
  }),
  onDisk('lease', 'lease-lock', 'has the lock of its lease in a folder', (on) => on.folder('lease.lock'), {
    verdicts: NOT_BEGUN,
  }),
]

export const fileAttacks: readonly SceneAttack[] = [
  onDisk('file', 'baseline-deep', 'has a baseline a hundred thousand levels deep', (on) =>
    changed(on).file('baseline.json', deepJson(100_000)),
  ),
  onDisk('file', 'baseline-huge', 'has a baseline of a gibibyte', (on) => changed(on).huge('baseline.json', 2 ** 30)),
  onDisk('file', 'baseline-fifo', 'has its baseline in a fifo', (on) => changed(on).fifo('baseline.json')),
  onDisk('file', 'baseline-forged', 'has a baseline of facts that are none', (on) =>
    changed(on).file(
      'baseline.json',
      '{"listeners":{"ok":true,"value":5},"units":{"ok":true,"value":null},"__proto__":{"ok":true}}',
    ),
  ),
  onDisk('file', 'durations', 'has durations of past runs that are no numbers', (on) =>
    on.file('durations', `${'9'.repeat(5_000)}\n-1\nNaN\n1e999\n${HOSTILE_TEXT}\n`),
  ),
  onDisk('file', 'durations-fifo', 'has the durations of past runs in a fifo', (on) => on.fifo('durations')),
  onDisk('file', 'findings', 'has standing findings that no run ever told', (on) =>
    on.file('findings', `${'f'.repeat(32)} 2026-99-99T99:99:99.999Z\n${'0'.repeat(100_000)}\n${HOSTILE_TEXT}\n`),
  ),
  onDisk('file', 'findings-fifo', 'has its standing findings in a fifo', (on) => on.fifo('findings')),
  onDisk('undo', 'undo-forged', 'has undos that nobody wrote', (on) =>
    on
      .state({ phase: 'drain', drained: true })
      .undo('000001-0000-drain-1-0.sh', `# x\n# dead-man yes\ntouch ${CANARY}`),
  ),
  onDisk('undo', 'undo-names', 'has undos called in shell text, with blanks and new lines', (on) =>
    on
      .state({ phase: 'drain', drained: true })
      .undo('000001-0000-drain-1-0.sh\n000002-0000-drain-1-0.sh', '')
      .undo('$(touch x).sh', '')
      .undo('-rf', ''),
  ),
  onDisk('undo', 'undo-fails', 'has an undo that never ends well, with its users on it', (on) =>
    on.state({ phase: 'drain', drained: true }).undo('000001-0000-drain-1-0.sh', 'exit 1'),
  ),
  onDisk('undo', 'undo-many', 'has five thousand undos', (on) => {
    on.state({ phase: 'drain', drained: true })
    for (let i = 0; i < 5_000; i++) on.undo(`000001-${String(i).padStart(4, '0')}-x-1-0.txt`, '')
  }),
  onDisk('undo', 'undo-link', 'has its undos be a link to another folder', (on) =>
    on.state({ phase: 'drain', drained: true }).link('undo/x', '/etc'),
  ),
  onDisk('file', 'lock-folder', 'has the lock of its programs in a folder', (on) => on.folder('lock/program')),
  onDisk('file', 'lock-fifo', 'notes the holder of its lock in a fifo', (on) => on.fifo('lock/program.pid')),
  onDisk('file', 'runs-file', 'has a file where its runs should be', (on) => on.link('runs-2', '/etc')),
]

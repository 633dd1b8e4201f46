import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildEntries } from '../test/bundle/build-entries'
import { whyNoLab } from '../test/lab/machine'
import { benchJob } from './job'
import { type Measured, table } from './measure'
import { benchNoop } from './noop'

const HOSTS = 20

/** The lines that docs/performance.md shows. Arguments: `noop`, `job`, `--no-ansible`, `--log` (what Pitstop printed). */
async function main(args: readonly string[]): Promise<void> {
  const bundle = mkdtempSync(join(tmpdir(), 'pitstop-bench-'))
  const wants = (name: string) => args.includes(name) || !(args.includes('noop') || args.includes('job'))
  const log = (m: Measured) => (args.includes('--log') || m.exitCode !== 0 ? print(m.output) : undefined)
  try {
    await buildEntries({ cli: 'src/cli.ts', floor: 'bench/floor.ts', proofs: 'bench/proofs.ts' }, bundle)
    if (wants('noop')) await noop(bundle, !args.includes('--no-ansible'), log)
    if (wants('job')) await job(bundle, log)
  } finally {
    rmSync(bundle, { recursive: true, force: true })
  }
}

async function noop(bundle: string, withAnsible: boolean, log: (m: Measured) => void): Promise<void> {
  const { pitstop, floor, proofs, ansible } = await benchNoop(bundle, HOSTS, withAnsible)
  print(`21 commands that do nothing on each of ${HOSTS} loopback sshd (ratio: to bare ssh2 with 7 commands a host)`)
  print(table([pitstop, proofs, floor, ...(ansible === null ? [] : [ansible])], floor))
  print(`Pitstop takes ${ratio(pitstop.wallMs, floor.wallMs)} times the floor (wanted: at most 3)`)
  print(
    `The proofs alone take ${ratio(proofs.wallMs, floor.wallMs)} times the floor by bare commands, and Pitstop ${ratio(pitstop.wallMs, proofs.wallMs)} times as long as they`,
  )
  if (ansible !== null)
    print(`Ansible takes ${ratio(ansible.wallMs, pitstop.wallMs)} times Pitstop (wanted: at least 20)`)
  else print('ansible-playbook was not measured: apt-get install ansible-core')
  log(pitstop)
}

async function job(bundle: string, log: (m: Measured) => void): Promise<void> {
  const why = whyNoLab()
  if (why !== null) return print(`the full job was not measured: ${why}`)
  const { pitstop, script } = await benchJob(bundle)
  print('\nThe full job on 3 systemd hosts, one by one (ratio: to one careful ssh script)')
  print(table([pitstop, script], script))
  const each = (ms: readonly number[]) => ms.map((m) => (m / 1000).toFixed(2)).join(', ')
  const mean = (ms: readonly number[]) => ms.reduce((sum, m) => sum + m, 0) / ms.length
  print(`out of service, in seconds a host: Pitstop ${each(pitstop.outMs)}; script ${each(script.outMs)}`)
  print(`without a good answer, in seconds a host: Pitstop ${each(pitstop.downMs)}; script ${each(script.downMs)}`)
  print(`wall ${ratio(pitstop.wallMs, script.wallMs)} times the script (wanted: at most 1.5)`)
  print(`out of service ${ratio(mean(pitstop.outMs), mean(script.outMs))} times as long (wanted: at most 1.25)`)
  print(`without a good answer ${ratio(mean(pitstop.downMs), mean(script.downMs))} times as long`)
  log(script)
  log(pitstop)
}

const ratio = (one: number, other: number) => (one / other).toFixed(2)

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})

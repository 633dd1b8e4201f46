import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it, onTestFinished } from 'vitest'
import { stringify } from 'yaml'
import { Job } from '../../runner/harness'
import { Bench, calmStages } from './bench'

const isRoot = process.getuid?.() === 0

/** A host that is drained, goes through all stages and comes back: the machine of the test, as an ordinary user's. */
function benchOf(): Bench {
  const bench = new Bench()
  onTestFinished(() => bench[Symbol.dispose]())
  const out = join(bench.folder, 'out')
  const traffic = { drain: `: >${out}`, undrain: `rm ${out}`, state: `[ -e ${out} ] && echo out || echo in` }
  const stages = calmStages({ drain: { when: 'always', traffic: [{ command: traffic }], connections: { for: '0s' } } })
  const hosts = { me: { transport: 'local', become: 'none', state_dir: join(bench.folder, 'state') } }
  bench.write('maintenance.yml', stringify({ version: 1, hosts, stages }))
  return bench
}

const verdictIn = (bench: Bench, report: string): string =>
  JSON.parse(readFileSync(join(bench.folder, report, 'report.json'), 'utf8')).hosts[0].verdict

const phaseOf = (bench: Bench) => /^phase=(.*)$/m.exec(readFileSync(join(bench.folder, 'state/state'), 'utf8'))?.[1]

describe('a full disk of the runner', () => {
  it.skipIf(!isRoot)('takes journal, logs and report, and leaves the host its verdict', async () => {
    const bench = benchOf()
    const report = join(bench.folder, 'report')
    mkdirSync(report)
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=12k', 'tmpfs', report])
    try {
      const { status, told } = await bench.start(['run', '--report-dir', 'report'])
      expect(told).toMatch(/me +\| .*live/)
      expect(told.match(/the journal is not kept any longer: ENOSPC/g)).toHaveLength(1)
      expect(told).toContain('report.json cannot be kept: ENOSPC')
      expect(told).toContain('report: not kept')
      expect(status, told).toBe(0)
      expect(existsSync(join(bench.folder, 'out'))).toBe(false)
      expect(phaseOf(bench)).toBe('idle')
    } finally {
      spawnSync('umount', [report])
    }
  })

  it('takes the log that is read as the run goes, and nothing else', () => {
    const bench = benchOf()
    const full = openSync('/dev/full', 'w')
    onTestFinished(() => closeSync(full))
    const args = [join(inject('bundle'), 'cli.js'), 'run', '--report-dir', 'report']
    const env = { PATH: process.env.PATH, HOME: bench.folder }
    const { status } = spawnSync(process.execPath, args, { cwd: bench.folder, env, stdio: ['ignore', full, full] })
    expect(status).toBe(0)
    expect(verdictIn(bench, 'report')).toBe('live')
  })

  it('takes summary and outputs of the job, and says so', async () => {
    const bench = benchOf()
    using job = new Job()
    const end = await job.run({
      entry: join(inject('bundle'), 'index.js'),
      workspace: bench.folder,
      event: 'workflow_dispatch',
      env: { GITHUB_STEP_SUMMARY: '/dev/full', GITHUB_OUTPUT: '/dev/full' },
    })
    const warnings = end.commands.filter((one) => one.name === 'warning').map((one) => one.value)
    for (const what of ['the job summary', 'the outputs'])
      expect(warnings.filter((said) => said.startsWith(`${what} could not be kept: ENOSPC`))).toHaveLength(1)
    expect(end.exitCode).toBe(0)
    expect(verdictIn(bench, 'pitstop-report')).toBe('live')
  })

  it('that would hide from the post step what main began lets it begin nothing', async () => {
    const bench = benchOf()
    using job = new Job()
    const { exitCode } = await job.run({
      entry: join(inject('bundle'), 'index.js'),
      workspace: bench.folder,
      event: 'workflow_dispatch',
      env: { GITHUB_STATE: '/dev/full' },
    })
    expect(exitCode).toBe(1)
    expect(existsSync(join(bench.folder, 'state'))).toBe(false)
  })
})

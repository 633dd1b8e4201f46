import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { installedKernels } from '../../../src/clean/kernels'
import { orphans } from '../../../src/clean/orphans'
import { clean } from '../../../src/stages/clean'
import type { StageInput } from '../../../src/stages/stage'
import { factsOf, stageInput, stepResult } from '../../fixtures/stage-input'

const plan = (x: StageInput) => clean.phases[0]?.plan(x) ?? { steps: [] }
const ids = (x: StageInput) => plan(x).steps.map((step) => step.id)
const NO_KERNELS = { running: '6.1', packages: [], bootBytes: {} }

it('does by itself: package cache, kernels, temporary files', () => {
  const packages = ['1', '2', '3'].map((n) => ({
    name: `linux-image-6.1.0-${n}-amd64`,
    wanted: 'install',
    status: 'installed',
  }))
  const x = stageInput(
    {},
    { facts: factsOf([installedKernels, { running: '6.1.0-3-amd64', packages, bootBytes: {} }]) },
  )
  expect(ids(x)).toEqual(['package-cache', 'kernels', 'temp'])
  expect(plan(x).steps[1]).toMatchObject({
    title: 'Remove old kernels 6.1.0-1-amd64 (6.1.0-2-amd64, 6.1.0-3-amd64 stay)',
    overtime: 'leave',
  })
})

it('never ends the update: every step is best-effort and changes nothing that users notice', () => {
  const x = stageInput({ clean: { journald: '200MB', paths: [{ path: '/var/log/app' }] } })
  for (const step of plan(x).steps) expect(step).toMatchObject({ required: false, disruptive: false, changes: true })
})

it('H25: empties only the cache of apt, never a folder of ours', () => {
  const x = stageInput({ clean: { paths: [{ path: '/var/lib/pitstop/runs' }, { path: '/var/backups' }] } })
  expect(ids(x)).toEqual(['package-cache', 'temp'])
  const notes = (plan(x).notes ?? []).flatMap((one) => (one.kind === 'finding' ? [one.what] : []))
  expect(notes).toEqual(expect.arrayContaining(['/var/lib/pitstop/runs is not cleaned', '/var/backups is not cleaned']))
})

it('takes orphans only when asked, and none if one of them is vital', () => {
  const facts = (vital: string[]) =>
    factsOf([orphans, { names: ['libold', ...vital], vital }], [installedKernels, NO_KERNELS])
  expect(ids(stageInput({}, { facts: facts([]) }))).not.toContain('orphans')
  expect(ids(stageInput({ clean: { orphans: true } }, { facts: facts([]) }))).toContain('orphans')
  expect(ids(stageInput({ clean: { orphans: true } }, { facts: facts(['bash']) }))).not.toContain('orphans')
  expect(ids(stageInput({ clean: { orphans: true } }))).not.toContain('orphans')
})

it('cleans only declared paths without root, and says so', () => {
  const x = stageInput({ clean: { paths: [{ path: '/srv/app/log' }] } }, { rights: 'none' })
  expect(ids(x)).toEqual(['path-1'])
  expect(plan(x).notes).toMatchObject([{ what: 'Only declared paths are cleaned', advice: 'The rest needs root.' }])
})

it('asks for no root where nothing is wanted that needs it', () => {
  const off = { package_cache: false, kernels: false, temp: false }
  expect(plan(stageInput({ clean: off }, { rights: 'none' }))).toEqual({ steps: [], notes: [] })
})

it('gives exact commands', () => {
  const steps = plan(stageInput({ clean: { journald: '200MB' } })).steps
  const texts = steps.map((step) => (step.do === 'sh' ? step.run.text : ''))
  expect(texts.join('\n')).toContain('( apt-get clean ) >&2; rc=$?')
  expect(texts.join('\n')).toContain('( journalctl --vacuum-size=200000000 ) >&2; rc=$?')
  expect(texts.join('\n')).toContain('( systemd-tmpfiles --clean ) >&2; rc=$?')
})

it.each(['dash', 'busybox'])('reports freed bytes as one number and passes a failure on (%s)', (shell) => {
  const step = plan(stageInput()).steps.find((one) => one.id === 'temp')
  const run = (act: string) => {
    const text = step?.do === 'sh' ? step.run.text.replace('systemd-tmpfiles --clean', act) : ''
    return spawnSync(shell, [...(shell === 'busybox' ? ['sh'] : []), '-c', text], { encoding: 'utf8' })
  }
  expect(run('echo noise')).toMatchObject({ status: 0, stderr: 'noise\n', stdout: expect.stringMatching(/^(\d+\n)?$/) })
  expect(run('exit 7').status).toBe(7)
})

it('sums up what became free, from steps that ended well', () => {
  const results = new Map([
    ['clean/package-cache', stepResult('package-cache', { output: '5000000\n' })],
    ['clean/kernels', stepResult('kernels', { output: '70000000\n', outcome: 'failed', exitCode: 1 })],
    ['clean/temp', stepResult('temp', { output: 'nonsense' })],
    ['clean/before-1', stepResult('before-1', { output: '99\n' })],
  ])
  const notes = clean.phases[1]?.plan(stageInput({}, { results })).notes
  expect(notes).toEqual([
    { kind: 'finding', what: 'Freed about 5.0 MB', severity: 'info', advice: 'package-cache 5.0 MB' },
  ])
})

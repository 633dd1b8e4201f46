import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseCommandLine } from '../../../src/cli/parse-command-line'
import { fencesOf } from './fences'

const fences = fencesOf('docs/other-places.md')
const commands = fences.flatMap(({ text }) =>
  [...text.matchAll(/cli\.js ([^'\n]+)/g)].map(([, words]) => String(words).trim()),
)

test.each(commands)('the command line understands: %s', (words) => {
  expect(parseCommandLine(words.split(' '), {}).command).toBe(words.split(' ')[0])
})

test.each(['yml', 'groovy', 'ini', 'sh'])('the place that is shown as %s maintains', (language) => {
  const text = fences.flatMap((fence) => (fence.language === language ? [fence.text] : [])).join('\n')
  expect(text).toMatch(/cli\.js run\b/)
  // How a laptop recovers and publishes is told in words, beside its commands.
  if (language !== 'sh') expect(text).toMatch(/cli\.js recover\b/)
  if (language !== 'sh') expect(text).toMatch(/pitstop-report\/site/)
})

test('the jobs for GitLab need what there is, wait for each other, and keep the report whatever happens', () => {
  const { pages, ...jobs } = parse(fences.find(({ language }) => language === 'yml')?.text ?? '')
  expect(Object.keys(jobs)).toEqual(['maintain', 'recover'])
  for (const job of Object.values<{ resource_group: string; artifacts: { when: string } }>(jobs)) {
    expect(job.resource_group).toBe('maintenance')
    expect(job.artifacts.when).toBe('always')
  }
  for (const { needs } of [jobs.recover, pages])
    expect(needs.map(({ job }: { job: string }) => job)).toEqual(['maintain'])
})

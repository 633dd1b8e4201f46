import { expect, test } from 'vitest'
import { recordOf } from '../../../src/report/run-record'
import { siteFiles } from '../../../src/site/files'
import { projectSite } from '../../../src/site/project'
import { RECORDED, recorded, thousandHosts } from '../report/recorded'
import { bare } from './bare'
import { fileOf } from './scenes'

const FLEET = 'version: 1\nname: Weekly maintenance\nhosts:\n'
const hostLine = (name: string, group: string) => `  ${name}: { address: ${name}.internal, group: ${group} }\n`
const three = fileOf('', FLEET + ['web-1', 'web-2', 'web-3'].map((name) => hostLine(name, 'web')).join(''))

test.each(RECORDED)('the page of the recorded run %s is as reviewed', async (name) => {
  const record = recordOf(recorded(name))
  const state = projectSite({ file: three, record, stored: null, now: new Date(record.lastAt ?? '') })
  const page = siteFiles(state, 'en').get('index.html') ?? ''
  await expect(bare(page)).toMatchFileSnapshot(`../../cases/site/recorded/${name}.html`)
})

test('the page of 1,000 recorded hosts is as reviewed: the worst groups first, under 50 kB', async () => {
  const { events } = thousandHosts()
  const [begun] = events
  if (begun?.type !== 'run.begun') throw new Error('a recording begins with run.begun')
  const file = fileOf('', FLEET + begun.hosts.map(({ name, group }) => hostLine(name, group)).join(''))
  const record = recordOf(events)
  const state = projectSite({ file, record, stored: null, now: new Date(record.lastAt ?? '') })
  const page = siteFiles(state, 'en').get('index.html') ?? ''
  expect(Buffer.byteLength(page)).toBeLessThan(50_000)
  await expect(bare(page)).toMatchFileSnapshot('../../cases/site/recorded/thousand.html')
})

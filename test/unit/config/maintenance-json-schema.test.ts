import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { maintenanceJsonSchema } from '../../../src/config/maintenance-json-schema'

const committed = JSON.parse(readFileSync('schema/maintenance.schema.json', 'utf8'))

describe('schema/maintenance.schema.json', () => {
  it('is what the source of the types says: `npm run schema` when this fails', () => {
    expect(committed).toEqual(JSON.parse(JSON.stringify(maintenanceJsonSchema())))
  })

  // The reader of the test knows no `anyOf` beside properties.
  const { anyOf, ...properties } = committed
  const schema = z.fromJSONSchema(properties)
  const HOSTS = { version: 1, hosts: { 'web-1': { address: '192.0.2.11' } } }

  it('asks for hosts or an inventory', () => {
    expect(anyOf).toEqual([{ required: ['hosts'] }, { required: ['inventory'] }])
  })

  it.each([
    HOSTS,
    {
      ...HOSTS,
      announce: { status_page: [{ pages: { branch: 'gh-pages' } }], notify: [{ slack: { webhook: '${env:A}' } }] },
    },
    { ...HOSTS, stages: { update: { packages: 'security', 'exclude+': ['linux-*'], lock_wait: '1m' } } },
    {
      ...HOSTS,
      groups: { web: { stages: { verify: { 'checks+': [{ tcp: { port: 1 } }] } }, window: { duration: '1h' } } },
    },
  ])('takes %j', (file) => {
    expect(schema.safeParse(file).success).toBe(true)
  })

  it.each([
    { ...HOSTS, stage: {} },
    { ...HOSTS, stages: { update: { reboot: 'sometimes' } } },
    { ...HOSTS, stages: { verify: { checks: [{ restic: {} }] } } },
    { ...HOSTS, stages: { golive: { watch: 60 } } },
    { ...HOSTS, announce: { advance: ['72h'] } },
    { version: 2, hosts: {} },
  ])('refuses %j', (file) => {
    expect(schema.safeParse(file).success).toBe(false)
  })
})

import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { MaintenanceFile } from '../../../src/config/schema'
import { systemClock } from '../../../src/engine/clock'
import { Machines } from '../../../src/engine/io'
import type { Dialers } from '../../../src/host/dialer'

const folder = mkdtempSync(join(tmpdir(), 'pitstop-'))

afterEach(() => rmSync(folder, { recursive: true, force: true }))

function machines(leases: boolean): Machines {
  return new Machines({
    file: {} as MaintenanceFile,
    dialers: {} as Dialers,
    closedTo: () => null,
    clock: systemClock,
    signal: new AbortController().signal,
    run: { id: 'r1', url: '' },
    sudoPassword: null,
    secret: () => '',
    reportDir: folder,
    readOnly: false,
    adopt: false,
    leases,
    waits: false,
    say: () => undefined,
  })
}

describe('a place that hosts share', () => {
  it.each([true, false])(
    'that is worked on is leased, and one that is only asked is left as it is (%s)',
    async (leases) => {
      await using all = machines(leases)
      await all.shared('runner')
      expect(existsSync(join(folder, 'runner/lease'))).toBe(leases)
    },
  )
})

import { expect, it } from 'vitest'
import { checkedScenes } from '../../fixtures/model/checked-scenes'
import { modelStages } from '../../fixtures/model/model-run'
import type { Seen } from '../../fixtures/model/scene'

const scene = checkedScenes()

const warnings = (seen: Seen) =>
  seen
    .told('observed')
    .flatMap(({ what }) =>
      what.kind === 'finding' && what.severity === 'warn' ? [[what.what, what.since] as const] : [],
    )

it('a maintenance that ended well is remembered on its host: the next one says since when its findings stand', async () => {
  const s = scene({ hosts: ['web-1'], stages: modelStages({ update: { reboot: 'never' } }) })
  s.host('web-1').rebootFlag = 'yes'
  const first = await s.run()
  expect(first.verdicts).toEqual({ 'web-1': 'live' })
  expect(warnings(first).length).toBeGreaterThan(0)
  expect(warnings(first).filter(([, since]) => since !== undefined)).toEqual([])
  const second = await s.run()
  expect(warnings(second).filter(([, since]) => since !== undefined).length).toBeGreaterThan(0)
})

import { expect, it } from 'vitest'
import { modelStages } from '../../fixtures/model/model-run'
import { Scene } from '../../fixtures/model/scene'

it('a host without driver and services is out of service for nobody, however long its maintenance takes', async () => {
  const stages = modelStages({ drain: { when: 'always', traffic: false } })
  const seen = await new Scene({ hosts: ['web-1'], stages }).run()
  expect(seen.of().verdict).toBe('live')
  expect(seen.told('traffic', 'web-1').filter((t) => t.act === 'drained')).toEqual([])
})

it('a host whose driver cannot say where its users go was out from its drain on', async () => {
  const traffic = [{ command: { drain: 'model out', undrain: 'model in' } }]
  const seen = await new Scene({ hosts: ['web-1'], stages: modelStages({ drain: { traffic } }) }).run()
  expect(seen.told('traffic', 'web-1').map((t) => [t.act, t.state])).toContainEqual(['drained', 'unknown'])
})

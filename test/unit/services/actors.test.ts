import { expect, it } from 'vitest'
import { pauseActors } from '../../../src/services/actors'
import { type ServiceUnit, serviceUnits } from '../../../src/services/service-units'
import { factsOf, stageInput } from '../../fixtures/stage-input'

const unit = (id: string): ServiceUnit => ({
  id,
  names: [id],
  load: 'loaded',
  active: 'active',
  enabled: 'enabled',
  type: 'simple',
  remainsAfterExit: false,
  triggeredBy: [],
  stoppedWith: [],
  controlGroup: '',
  listens: [],
})

it('case 19: the service that may install packages at a shutdown is paused over the reboot', () => {
  const plain = stageInput()
  const x = { ...plain, facts: factsOf([serviceUnits(plain.host), [unit('unattended-upgrades.service')]]) }
  expect(pauseActors(x)).toMatchObject([{ title: 'Pause unattended-upgrades.service' }])
})

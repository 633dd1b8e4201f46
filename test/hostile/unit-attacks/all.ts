import { addressAttacks } from './addresses'
import { answerAttacks } from './answers'
import { eventAttacks } from './events'
import { nameAttacks } from './names'
import { pathAttacks } from './paths'
import { secretAttacks } from './secrets'
import { stateAttacks } from './states'
import { textAttacks } from './texts'
import type { UnitAttack } from './unit-attack'

export const unitAttacks: readonly UnitAttack[] = [
  ...textAttacks,
  ...answerAttacks,
  ...stateAttacks,
  ...pathAttacks,
  ...addressAttacks,
  ...eventAttacks,
  ...nameAttacks,
  ...secretAttacks,
]

import type { SceneAttack } from '../scene-attack'
import { answerAttacks } from './answers'
import { greetingAttacks } from './greetings'
import { leaseAttacks } from './leases'
import { loginAttacks, socketAttacks } from './logins'
import { recordAttacks } from './records'

export const sceneAttacks: readonly SceneAttack[] = [
  ...socketAttacks,
  ...loginAttacks,
  ...greetingAttacks,
  ...leaseAttacks,
  ...answerAttacks,
  ...recordAttacks,
]

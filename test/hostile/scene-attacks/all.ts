import type { SceneAttack } from '../scene-attack'
import { cancelAttacks, helperAttacks, lookAttacks } from './anew'
import { answerAttacks } from './answers'
import { noteAttacks, stateAttacks } from './disks'
import { fileAttacks, leaseFileAttacks } from './files-on-disk'
import { greetingAttacks } from './greetings'
import { leaseAttacks } from './leases'
import { loginAttacks, socketAttacks } from './logins'
import { planAttacks } from './plans-on-disk'
import { recordAttacks } from './records'

export const sceneAttacks: readonly SceneAttack[] = [
  ...socketAttacks,
  ...loginAttacks,
  ...greetingAttacks,
  ...leaseAttacks,
  ...answerAttacks,
  ...recordAttacks,
  ...planAttacks,
  ...noteAttacks,
  ...stateAttacks,
  ...leaseFileAttacks,
  ...fileAttacks,
  ...helperAttacks,
  ...lookAttacks,
  ...cancelAttacks,
]

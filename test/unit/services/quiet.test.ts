import { describe, expect, it } from 'vitest'
import { apt } from '../../../src/packages/apt'
import { packageManagerId } from '../../../src/packages/facts'
import { waitForQuiet } from '../../../src/services/quiet'
import { factsOf, stageInput } from '../../fixtures/stage-input'

describe('H39: jobs of the host itself', () => {
  it('case 5: whoever holds the lock of a package manager is waited for, and no name of a process counts', () => {
    const [wait] = waitForQuiet(stageInput({}, { facts: factsOf([packageManagerId, 'apt']) }))
    expect(wait?.until.text).toContain(apt.unlocked.text)
    expect(wait?.until.text).not.toMatch(/packagekitd|apt-get \||\/comm"? *;|dnf/)
  })

  it('nothing is waited for where there surely is neither a package manager nor systemd', () => {
    expect(waitForQuiet(stageInput({}, { facts: factsOf([packageManagerId, null]) }))).toEqual([])
    expect(waitForQuiet(stageInput({}, { facts: factsOf([packageManagerId, undefined]) }))).toMatchObject([
      { id: 'wait-quiet', title: 'Wait for package managers' },
    ])
  })
})

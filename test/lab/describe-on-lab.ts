import { describe, inject } from 'vitest'

/** `describe` for tests that start a lab: skipped as a whole where the machine can have none (global-setup says why). */
export const describeOnLab = describe.skipIf(inject('noLab') !== null)

import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, unknown } from './fact'

export type InitSystem = 'systemd' | 'openrc' | 'other'

/** What started the services. `/run/systemd/system` exists exactly where systemd is process 1. Source: sd_booted(3). */
export const initSystem: Fact<InitSystem> = {
  id: 'init-system',
  sh: sh`if [ -d /run/systemd/system ]; then echo systemd; elif [ -d /run/openrc ]; then echo openrc; else echo other; fi`,
  cap: 64,
  parse: onSuccess((out) => {
    const word = out.trim()
    return word === 'systemd' || word === 'openrc' || word === 'other'
      ? ok(word)
      : unknown('the answer is in an unknown form')
  }),
}

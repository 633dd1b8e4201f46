import { sh } from '../shell/sh'
import { onSuccess } from './exit'
import { type Fact, ok, unknown } from './fact'

export interface Kernel {
  /** `uname -r`: `6.1.0-28-amd64` */
  readonly running: string
  /** `uname -m`: `x86_64` */
  readonly arch: string
}

/** The kernel that runs now. Source: uname(1). */
export const kernel: Fact<Kernel> = {
  id: 'kernel',
  sh: sh`uname -rm`,
  cap: 512,
  parse: onSuccess((out) => {
    const match = /^([A-Za-z0-9._+~-]{1,128}) ([A-Za-z0-9_]{1,32})$/.exec(out.trim())
    return match?.[1] && match[2]
      ? ok({ running: match[1], arch: match[2] })
      : unknown('uname answered in an unknown form')
  }),
}

import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/engine/clock'
import { ConnectError } from '../../../src/errors'
import { Dialers } from '../../../src/host/dialer'
import { noSshd, startSshd } from '../sshd'
import { failure, hostAt, never } from './reach'

const dialers = () => new Dialers({ credentials: {}, knownHosts: '', clock: systemClock })

describe.skipIf(noSshd() !== null)('reading host keys to pin them', () => {
  it('shows every key of the host as ssh-keygen does, and logs in nowhere', async () => {
    const sshd = await startSshd({ hostKeys: ['rsa', 'ed25519', 'ecdsa'] })
    onTestFinished(() => sshd.stop())
    const keys = await dialers().scan(hostAt(sshd), new Map(), never)
    expect(keys.map((key) => key.fingerprint).sort()).toEqual(sshd.hostKeys.map((key) => key.fingerprint).sort())
    expect(keys.map((key) => key.line).sort()).toEqual(sshd.knownHosts.trim().split('\n').sort())
    expect(sshd.log()).not.toContain('Accepted')
  })

  it('shows the only key of a host that has one', async () => {
    const sshd = await startSshd()
    onTestFinished(() => sshd.stop())
    const keys = await dialers().scan(hostAt(sshd), new Map(), never)
    expect(keys.map((key) => key.type)).toEqual(['ssh-ed25519'])
  })

  it('fails where no sshd answers', async () => {
    const sshd = await startSshd()
    await sshd.stop()
    expect(await failure(dialers().scan(hostAt(sshd), new Map(), never))).toBeInstanceOf(ConnectError)
  })
})

import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MaintenanceFile } from '../../../src/config/schema'
import { systemClock } from '../../../src/engine/clock'
import { Machines } from '../../../src/engine/io'
import type { Dialers } from '../../../src/host/dialer'
import { elevate } from '../../../src/host/elevate'
import { hostConfig } from '../../fixtures/host-config'
import { hasShell, SHELLS, type ShellMachine, shellDialer, shellMachine } from '../../fixtures/shells'

const signal = new AbortController().signal

/** What `sudo -l -U maint` prints as root on Debian 12 (sudo 1.9.13), with these lines among its defaults. */
const listed = (defaults: string, tags = '') => `Matching Defaults entries for maint on web-1:
    env_reset, mail_badpass,
    secure_path=/usr/local/sbin\\:/usr/local/bin\\:/usr/sbin\\:/usr/bin\\:/sbin\\:/bin, use_pty${defaults}

User maint may run the following commands on web-1:
    (ALL) ${tags}NOPASSWD: ALL
`

describe.each(SHELLS.filter(hasShell))('H21: sudo that keeps what programs are given, in %s', (shell) => {
  let machine: ShellMachine
  beforeAll(() => {
    machine = shellMachine(shell)
  })
  afterAll(() => machine.dispose())

  /** A sudo of its own in PATH; as the real one it says for whom it runs a command. */
  function provideSudo(list: string, run = 'exec "$@"'): void {
    const sudo = join(machine.folder, 'bin/sudo')
    writeFileSync(join(machine.folder, 'list'), list)
    writeFileSync(
      sudo,
      `#!/bin/sh\ncase "$*" in *" -l "*) cat ${machine.folder}/list; [ -s ${machine.folder}/list ]; exit;; esac\nSUDO_USER=maint; export SUDO_USER; shift; ${run}\n`,
    )
    chmodSync(sudo, 0o755)
  }

  async function keeps(list: string, run?: string): Promise<boolean> {
    provideSudo(list, run)
    await using transport = await shellDialer(machine).connect(signal)
    const { shell, hello } = await elevate(transport, 'sudo', undefined, signal)
    shell.close()
    return hello.sudoKeepsInput
  }

  it.each([
    ['for everything', listed(', log_input, log_output'), true],
    ['for standard input alone', listed(', log_stdin'), true],
    ['by a tag of the rule', listed('', 'LOG_INPUT: '), true],
    [
      'for commands of root',
      `${listed('')}\nRunas and Command-specific defaults for maint:\n    Defaults>root log_input\n`,
      true,
    ],
    ['only what is printed', listed(', log_output'), false],
    ['not, and says so', listed(', !log_input'), false],
    ['not, by a tag of the rule', listed('', 'NOLOG_INPUT: '), false],
    ['not', listed(''), false],
  ])('is known: it keeps it %s', async (_, list, is) => {
    expect(await keeps(list)).toBe(is)
  })

  it('is refused by name where the file sends it secrets, and is no fault where it sends none', async () => {
    provideSudo(listed(', log_input'))
    const refused = fleet('${env:API}').open(web('${env:API}'), signal)
    await expect(refused).rejects.toThrow('sudo on web-1 keeps in a log what programs are given (log_input)')
    await using open = await fleet('plain').open(web('plain'), signal)
    expect(open.rights).toBe('root')
  })

  it('is refused as a helper too, where another host has secrets sent to it', async () => {
    provideSudo(listed(', log_input'))
    await using all = fleet('${env:API}', 'lb-1')
    await expect(all.shared('lb-1')).rejects.toThrow('sudo on lb-1 keeps in a log')
    await using open = await all.open(web('${env:API}', 'lb-1'), signal)
    expect(open.rights).toBe('root')
  })

  const web = (word: string, on = 'host') =>
    hostConfig({ become: 'sudo', stages: { update: { after: [{ run: 'true', on, env: { WORD: word } }] } } })

  function fleet(word: string, on?: string): Machines {
    const hosts = [
      web(word, on),
      hostConfig({ name: 'lb-1', maintain: false, become: 'sudo', stateDir: machine.folder }),
    ]
    return new Machines({
      file: { hosts: new Map(hosts.map((host) => [host.name, host])) } as unknown as MaintenanceFile,
      dialers: { for: () => shellDialer(machine) } as unknown as Dialers,
      closedTo: () => null,
      clock: systemClock,
      signal,
      run: { id: 'r1', url: '' },
      sudoPassword: null,
      secret: () => '',
      reportDir: machine.folder,
      readOnly: false,
      adopt: false,
      leases: false,
      waits: false,
      say: () => undefined,
    })
  }

  it('is known by the log that it has open, where it says nothing', async () => {
    const opened = `exec 8>>${machine.folder}/stdin; "$@"`
    expect([await keeps('', opened), await keeps('', '"$@"')]).toEqual([true, false])
  })
})

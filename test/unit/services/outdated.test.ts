import { describe, expect, it } from 'vitest'
import { outdatedServices, splitOutdated } from '../../../src/services/outdated'

describe('outdatedServices', () => {
  it('finds the service of each process, whatever slice it is in', () => {
    const out = [
      '812\t/system.slice/nginx.service',
      '813\t/system.slice/nginx.service',
      '900\t/system.slice/system-postgresql.slice/postgresql@15-main.service',
      '901\t/user.slice/user-0.slice/session-1.scope',
      '902\t/system.slice/docker-abc.scope',
      '903\t',
    ].join('\n')
    expect(outdatedServices.parse(out, 0)).toEqual({
      ok: true,
      value: { services: ['nginx.service', 'postgresql@15-main.service'], others: 3 },
    })
  })

  it('is unknown where the processes cannot be read', () => {
    expect(outdatedServices.parse('', 9).ok).toBe(false)
  })

  it.each([
    'dbus.service',
    'systemd-logind.service',
    'getty@tty1.service',
    'user@1000.service',
    'NetworkManager.service',
    'networking.service',
    'systemd-networkd.service',
    'docker.service',
    'containerd.service',
    'libvirtd.service',
  ])('never restarts %s', (unit) => expect(splitOutdated([unit])).toEqual({ restart: [], wait: [unit] }))

  it.each(['nginx.service', 'ssh.service', 'cron.service', 'postgresql@15-main.service'])('restarts %s', (unit) =>
    expect(splitOutdated([unit])).toEqual({ restart: [unit], wait: [] }),
  )
})

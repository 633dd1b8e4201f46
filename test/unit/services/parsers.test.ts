import { expect, it } from 'vitest'
import { servicePorts } from '../../../src/services/connections'
import { hostLeftovers } from '../../../src/services/leftovers'
import { namedUnit, serviceUnits } from '../../../src/services/service-units'
import { hostConfig } from '../../fixtures/host-config'

const SHOWN = `Type=simple
RemainAfterExit=no
ControlGroup=/system.slice/app.service
Id=app.service
Names=app.service app-alias.service
RequiredBy=dep.service
ConsistsOf=
BoundBy=
TriggeredBy=app.socket
LoadState=loaded
ActiveState=active
UnitFileState=enabled

Id=gone.service
Names=gone.service
LoadState=not-found
ActiveState=inactive
UnitFileState=


Listen=0.0.0.0:9000 (Stream)
Listen=[::]:9001 (Stream)
Listen=/run/app.sock (Stream)
Id=app.socket
Names=app.socket
LoadState=loaded
ActiveState=active
UnitFileState=enabled
`

it('reads units with what triggers them, what stops with them and where sockets listen', () => {
  const read = serviceUnits(hostConfig()).parse(SHOWN, 0)
  if (!read.ok) throw new Error(read.why)
  expect(namedUnit(read.value, 'app-alias')).toMatchObject({
    id: 'app.service',
    triggeredBy: ['app.socket'],
    stoppedWith: ['dep.service'],
    controlGroup: '/system.slice/app.service',
  })
  expect(namedUnit(read.value, 'gone')?.load).toBe('not-found')
  expect(namedUnit(read.value, 'app.socket')?.listens).toEqual([9000, 9001])
})

it('knows nothing of the units where systemctl failed', () => {
  expect(serviceUnits(hostConfig()).parse(SHOWN, 1).ok).toBe(false)
  expect(serviceUnits(hostConfig()).parse('', 0).ok).toBe(false)
})

it('reads the holds that are on a host', () => {
  const out = `/etc/systemd/system/app.service.d/90-pitstop.conf active app.service
/etc/systemd/system/apt-daily.timer.d/90-pitstop-starting.conf inactive actors
`
  expect(hostLeftovers.parse(out, 0)).toEqual({
    ok: true,
    value: [
      { unit: 'app.service', was: 'active', group: 'app.service', phase: 'held' },
      { unit: 'apt-daily.timer', was: 'inactive', group: 'actors', phase: 'starting' },
    ],
  })
})

it('a hold in an unknown form makes the leftovers unknown, not empty', () => {
  expect(hostLeftovers.parse('/etc/systemd/system/app.service.d/90-pitstop.conf \n', 0).ok).toBe(false)
})

it('joins listening sockets with the control groups of their processes', () => {
  const out = `LISTEN 0      128          0.0.0.0:22        0.0.0.0:*    users:(("sshd",pid=12,fd=3))
LISTEN 0      511             [::]:80           [::]:*    users:(("nginx",pid=30,fd=6),("nginx",pid=31,fd=6))
LISTEN 0      511                *:81              *:*
12 0::/system.slice/ssh.service
30 1:name=systemd:/system.slice/nginx.service
31 0::/system.slice/nginx.service
`
  expect(servicePorts.parse(out, 0)).toEqual({
    ok: true,
    value: [
      { port: 22, controlGroup: '/system.slice/ssh.service' },
      { port: 80, controlGroup: '/system.slice/nginx.service' },
      { port: 80, controlGroup: '/system.slice/nginx.service' },
    ],
  })
  expect(servicePorts.parse('LISTEN something else\n', 0).ok).toBe(false)
})

import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { serviceUnits } from '../../../src/services/service-units'
import { hasShell, SHELLS, shellMachine } from '../../fixtures/shells'
import { stageInput } from '../../fixtures/stage-input'

/** Tells of the units it knows, and notes what it was asked. */
const SYSTEMCTL = `#!/bin/sh
printf '%s\\n' "$*" >>"\${0%/*}/asked"
while [ "$1" != -- ]; do shift; done
shift
for u; do
  case $u in
    app.service) printf 'Id=app.service\\nActiveState=active\\nLoadState=loaded\\nTriggeredBy=app.socket\\nRequiredBy=multi-user.target\\nConsistsOf=worker@a\\\\x2db.service app.service\\n\\n' ;;
    app.socket) printf 'Id=app.socket\\nActiveState=active\\nLoadState=loaded\\nTriggeredBy=app-open.path\\n\\n' ;;
    *) printf 'Id=%s\\nActiveState=inactive\\nLoadState=not-found\\nBoundBy=app.service\\n\\n' "$u" ;;
  esac
done
`

describe.each(SHELLS.filter(hasShell))('the units around a service, in %s', (shell) => {
  const machine = shellMachine(shell)
  afterAll(() => machine.dispose())

  it('are asked for by name, and what they name next, each once', () => {
    writeFileSync(join(machine.folder, 'bin/systemctl'), SYSTEMCTL)
    chmodSync(join(machine.folder, 'bin/systemctl'), 0o755)
    const { host } = stageInput({ drain: { services: ['app'] as never } })
    const fact = serviceUnits(host)
    // Without its first line, which asks whether there is a systemd at all.
    const text = fact.sh.text.slice(fact.sh.text.indexOf('\n') + 1)
    const ran = spawnSync(join(machine.folder, 'bin/sh'), ['-c', text], {
      encoding: 'utf8',
      env: { PATH: machine.path },
    })
    const read = fact.parse(ran.stdout, ran.status ?? 1)
    if (!read.ok) throw new Error(read.why)
    const near = ['app.service', 'app.socket', 'app-open.path', 'worker@a\\x2db.service']
    expect(read.value.map((unit) => unit.id)).toEqual(expect.arrayContaining([...near, 'systemd-logind.service']))
    const asked = readFileSync(join(machine.folder, 'bin/asked'), 'utf8').split('\n').slice(0, -1)
    expect(asked).toHaveLength(3)
    for (const name of near)
      expect(
        asked
          .join(' ')
          .split(' ')
          .filter((word) => word === name),
      ).toHaveLength(1)
  })
})

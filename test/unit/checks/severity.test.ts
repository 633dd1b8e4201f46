import { describe, expect, it } from 'vitest'
import { bySeverity, lookWith } from '../../../src/checks/severity'
import { decideGate } from '../../../src/gate/gate'

const check = (id: string) => ({ id, kind: id.slice(0, id.indexOf(':')) })

describe('what did not pass', () => {
  it('is told by severity: exposure, data, security, units, ports, the rest; a dead unit before its port', () => {
    const ids = [
      'http:x',
      'port:tcp/0.0.0.0:5432',
      'builtin:units',
      'unit:a',
      'firewall:input',
      'mount:/srv',
      'exposed:tcp/x:1',
    ]
    expect(
      ids
        .map(check)
        .sort(bySeverity)
        .map(({ id }) => id),
    ).toEqual([
      'exposed:tcp/x:1',
      'mount:/srv',
      'firewall:input',
      'builtin:units',
      'unit:a',
      'port:tcp/0.0.0.0:5432',
      'http:x',
    ])
  })

  it('leads the reason of a gate that stays shut', () => {
    const failed = ['port:tcp/0.0.0.0:5432', 'firewall:input', 'exposed:tcp/0.0.0.0:6379'].map((id) => ({
      ...check(id),
      outcome: 'fail' as const,
      expected: 'as before',
      actual: 'not',
    }))
    const decision = decideGate(failed, { host: 'web-1', run: 'r', required: [] })
    expect(decision.reason).toMatch(/shut the gate: exposed:tcp\/0\.0\.0\.0:6379/)
  })

  it('has a command to look with, made of plain names only', () => {
    expect(lookWith(check('unit:postgresql@15-main.service'))).toContain('systemctl status postgresql@15-main.service')
    expect(lookWith(check('port:tcp/[::]:80'))).toBe('ss -tulnp | grep :80')
    expect(lookWith(check('mount:/a; rm -rf /'))).toBeNull()
    expect(lookWith(check('http:http://x/'))).toBeNull()
  })
})

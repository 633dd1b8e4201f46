import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import { Rig } from './rig'

const LOGS = 'printf "Defaults log_input, log_output\\n" >/etc/sudoers.d/zz-log && chmod 440 /etc/sudoers.d/zz-log'
const SECRET = 'value-of-the-secret-3141'

describeOnLab('a host whose sudo keeps what programs are given', () => {
  let lab: Lab

  beforeAll(async () => {
    lab = await startLab(['web-1'])
    await lab.host('web-1').must(LOGS)
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  const run = async (word: string) => {
    const rig = await Rig.make(lab)
    const after = [{ run: '[ -n "$WORD" ]', env: { WORD: word } }]
    await rig.write(['web-1'], { stages: { update: { packages: 'none', after } } })
    const end = await rig.run({ inputs: { secrets: 'API_WORD' }, env: { API_WORD: SECRET } })
    await rig[Symbol.asyncDispose]()
    return end
  }

  it('H21: is refused by name where the file sends it a secret, and no log of it holds one', async () => {
    const end = await run('${env:API_WORD}')
    expect(end.host('web-1')).toMatchObject({ verdict: 'untouched', touched: false })
    expect(end.host('web-1').reason).toContain('sudo on web-1 keeps in a log what programs are given (log_input)')
    const host = lab.host('web-1')
    // The log is real: what was asked through sudo lies in it.
    await host.must('ls /var/log/sudo-io/*/*/*/stdin >/dev/null')
    await host.must(`! { find /var/log/sudo-io -type f -exec zcat -f {} + | grep -q ${SECRET}; }`)
  })

  it('H21: is maintained where the file sends it none', async () => {
    const end = await run('plain')
    expect(end.host('web-1').verdict, end.log).toBe('live')
  })
})

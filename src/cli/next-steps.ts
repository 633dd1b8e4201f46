import type { Report } from '../report/report-schema'
import { refusalAdvice } from '../report/summary-next'

const PITSTOP = 'node dist/cli.js'

/** What a person does now, after a run or recover from the command line; empty: nothing. Pure. */
export function nextSteps({ run, hosts }: Report): readonly string[] {
  if (run.mode !== 'run' && run.mode !== 'recover') return []
  if (run.verdict === 'refused') return [`Next: ${refusalAdvice(run.reason).replaceAll('`', '')}`]
  const named = (verdict: string) => hosts.filter((host) => host.verdict === verdict).map((host) => host.name)
  const [held, unreachable, back] = [named('held'), named('unreachable'), named('rolled-back')]
  return [
    ...held.flatMap((name) => [
      `Next, ${name}: read why in the summary, and put it in order. Then ${PITSTOP} recover --hosts ${name} verifies it and lets it back.`,
      `      Where a person has judged it: ${PITSTOP} release ${name} --reason TEXT`,
    ]),
    ...(unreachable.length === 0
      ? []
      : [
          `Next, ${unreachable.join(', ')}: see that sshd answers. Then ${PITSTOP} recover --hosts ${unreachable.join(',')} finds out what was left.`,
        ]),
    ...(back.length === 0
      ? []
      : [`Next, ${back.join(', ')}: on the old versions, and serving. Find out why before the next run.`]),
  ]
}

import { checkId } from '../config/check-id'
import { commandEnv, commandSh, expand } from '../config/command'
import type { CheckEntry } from '../config/schema'
import type { Answer, Question } from '../host/remote'
import { HEARD_BYTES, heard, withStderr } from '../shell/heard'
import { inlineScript } from '../shell/inline-script'
import { excerpt } from './excerpt'
import { type CheckKind, fail, type ProbeBuild, type ProbeContext, pass, type Seen, unreadable } from './probe'

type CommandSpec = Extract<CheckEntry, { command: unknown }>['command']

const OUTPUT_BYTES = 4096
const STDERR_SHOWN = 200
/** What `timeout` and the shell report for a command that was ended: no verdict of the command itself. */
const ENDED: ReadonlySet<number> = new Set([124, 137, 143])

/** A command of the maintenance file that changes nothing and says by its exit code whether all is well. */
export const command: CheckKind = {
  kind: 'command',
  probe(entry, build) {
    if (!('command' in entry)) return null
    const spec = entry.command
    const on = expand(spec.on, build.host)
    return {
      id: checkId(entry, build.host),
      kind: 'command',
      expected: `exit code 0 within ${spec.timeout / 1000} s`,
      timeoutMs: spec.timeout,
      run: (at) => runOnce(on, spec, build, at),
    }
  },
}

async function runOnce(on: string, spec: CommandSpec, build: ProbeBuild, at: ProbeContext): Promise<Seen> {
  const begun = at.clock.monotonicMs()
  const machine = on === 'host' ? at.remote : await at.place(on)
  const [answer] = await machine.ask([question(spec, build)], at.signal)
  return judgeAnswer(answer, spec.timeout, Math.round(at.clock.monotonicMs() - begun))
}

function question(spec: CommandSpec, build: ProbeBuild): Question {
  const built = commandSh(spec.run, build.host, undefined, spec.shell)
  return {
    id: 'command',
    sh: withStderr(inlineScript(built.run, built.script)),
    cap: OUTPUT_BYTES + HEARD_BYTES,
    timeoutMs: spec.timeout,
    ...commandEnv(build.host, 'verify', build.runId, spec.env),
  }
}

/** Pure: what the answer of the command means. */
export function judgeAnswer(answer: Answer | undefined, timeoutMs: number, latencyMs: number): Seen {
  if (answer === undefined || answer.rc === null) {
    const why = answer?.truncated
      ? `it printed more than ${OUTPUT_BYTES} bytes`
      : 'it never ended, or the connection broke'
    return unreadable(`no exit code: ${why}`)
  }
  const { printed, stderr } = heard(answer.out)
  const said = excerpt(Buffer.from(printed))
  const end = `exit code ${answer.rc} in ${latencyMs} ms${said === '' ? '' : `: ${said}`}`
  if (answer.rc === 0) return pass(end)
  const onStderr = excerpt(Buffer.from(stderr.slice(-STDERR_SHOWN)), STDERR_SHOWN)
  if (ENDED.has(answer.rc) && latencyMs >= timeoutMs) return unreadable(`did not end within ${timeoutMs / 1000} s`)
  return fail(onStderr === '' ? end : `${end}; on stderr ${onStderr}`)
}

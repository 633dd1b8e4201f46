import type { Broken } from './broken'
import { STRUCK, TARGETS, type Target } from './scenario'
import type { SceneRecord } from './scene-record'
import type { Witness } from './witness'

/** Done at most once by one run; where a later run only recovers, at most once by both. */
const ONCE = /^(hook\.|app$)/
const NEVER_AGAIN = /^(hook\.clean|hook\.update|app)$/

export function judgeOnce(record: SceneRecord): readonly Broken[] {
  return TARGETS.flatMap((name) => {
    const look = record.afterSecond.get(name)
    if (look === undefined) return []
    const say = (what: string): Broken => ({ promise: 'once', sentence: `${name}: ${what}` })
    const byRun = look.witness.filter((line) => ONCE.test(line.what)).map((line) => `${line.what} of run ${line.run}`)
    const ever = look.witness.filter((line) => NEVER_AGAIN.test(line.what)).map((line) => line.what)
    return [
      ...repeated(byRun).map((what) => say(`${what} ran more than once`)),
      ...(record.secondMode === 'recover' ? repeated(ever).map((what) => say(`${what} ran in both runs`)) : []),
      ...(look.upgrades > 1 ? [say(`the service was upgraded ${look.upgrades} times`)] : []),
      ...tooManyBoots(record, name, look.witness).map(say),
    ]
  })
}

function repeated(words: readonly string[]): readonly string[] {
  return [...new Set(words.filter((word, i) => words.indexOf(word) !== i))]
}

/** One boot to begin with, one reboot of the update, and those of the fault. */
function tooManyBoots(record: SceneRecord, name: Target, lines: readonly Witness[]): readonly string[] {
  const boots = lines.filter((line) => line.what === 'boot').length
  const allowed = 2 + (name === STRUCK ? (record.fault?.boots ?? 0) : 0)
  return boots > allowed ? [`it booted ${boots} times, ${allowed} are accounted for`] : []
}

import type { Event } from '../journal/event'
import { spokenDuration } from '../show/duration'
import { forLog } from '../show/for-log'
import type { Redactor } from '../show/redact'
import type { Disclosure } from './disclose'
import { FoldedRounds } from './log/folded-rounds'
import { isBrief } from './log/is-brief'
import { OpenSteps, type Tail } from './log/open-steps'
import { StandingFindings } from './log/standing-findings'
import { WaveProgress } from './log/wave-progress'
import { logSentence } from './log-sentence'
import { publicLogSentence } from './log-sentence-public'

/** Where the lines go. Hosts run in parallel and groups cannot nest: a group is opened only while one host runs. */
export interface LogSink {
  line(text: string): void
  readonly groups?: { start(title: string): void; end(): void }
  /** Everything is told: what begins, what a step prints, each round of checks. */
  readonly verbose?: boolean
}

const CUT: Readonly<Record<Exclude<Disclosure, 'full'>, string>> = {
  counts: 'Outsiders may read this log: it tells stages, verdicts and counts (announce.disclose: counts).',
  none: 'Outsiders may read this log: it tells the verdict (announce.disclose: none).',
}
const WHERE_THE_REST_IS = 'Everything else is in the report folder.'

/** The live log of a run: one line for what ended or went wrong, every one with its time (UTC) and safe to print. */
export class LiveLog {
  readonly #sink: LogSink
  readonly #redactor: Redactor
  readonly #steps = new OpenSteps()
  readonly #rounds = new FoldedRounds()
  readonly #wave = new WaveProgress()
  readonly #standing = new StandingFindings()
  readonly #stageBegan = new Map<string, number>()
  /** Why the last stage of a host ended as it did: the gate that was shut by it has nothing to add. */
  readonly #why = new Map<string | null, string | null>()
  #groupOf: string | null = null
  #disclose: Disclosure

  constructor(sink: LogSink, redactor: Redactor, disclose: Disclosure = 'full') {
    this.#sink = sink
    this.#redactor = redactor
    this.#disclose = disclose
  }

  /** The first line of every log, before anything is read or connected to. */
  hello(version: string, node: string): void {
    this.#print(`Pitstop ${version} on Node ${node}; times are UTC`, null, null)
  }

  /** How much whoever reads the log may see, once the maintenance file has said so. */
  discloses(disclose: Disclosure): void {
    this.#disclose = disclose
    if (disclose !== 'full') this.#print(`${CUT[disclose]} ${WHERE_THE_REST_IS}`, null, null)
  }

  add(event: Event): void {
    this.#wave.take(event)
    this.#sayStanding(event)
    if (event.type === 'stage.begun') this.#beginStage(event)
    // What is not well stands outside, where it is seen without opening anything.
    if (event.type === 'stage.ended') this.#endGroup(event.host)
    if (event.type === 'step.begun') this.#steps.begin(event)
    if (event.type === 'step.output') this.#output(event)
    else this.#tell(event)
    if (event.type === 'wave.ended' && this.#sink.verbose !== true) this.#sayWave(this.#wave.end(), event.at)
  }

  /** Says what still runs, and since when, for each step that was quiet for 30 s. Call it every few seconds. */
  progress(now: Date): void {
    const isNamed = this.#disclose === 'full'
    const at = now.toISOString()
    for (const { host, title, stage, forMs, lastLine } of this.#steps.quiet(now.getTime())) {
      if (this.#disclose === 'none' || (this.#sink.verbose !== true && this.#wave.isOneOfMany(host))) continue
      const what = isNamed ? `${title}: ` : ''
      const last = isNamed && lastLine !== '' ? `; it printed last: ${lastLine.slice(0, 200)}` : ''
      this.#print(`${stage}: ${what}still running, for ${spokenDuration(forMs)}${last}`, host, at)
    }
    this.#sayWave(this.#wave.line(now.getTime(), isNamed), at)
  }

  #sayWave(line: string | null, at: string): void {
    if (line !== null && this.#disclose !== 'none') this.#print(line, null, at)
  }

  #sayStanding(event: Event): void {
    const line = this.#standing.take(event)
    if (line === null || this.#disclose === 'none' || this.#sink.verbose === true) return
    if (!this.#wave.isOneOfMany(event.host)) this.#print(line, event.host, event.at)
  }

  #tell(event: Event): void {
    const sentence = this.#sentence(event)
    if (event.type !== 'step.ended') {
      if (sentence !== null) this.#print(sentence, event.host, event.at)
      return
    }
    const { tail, rest } = this.#steps.end(event)
    if (this.#disclose === 'full') {
      if (this.#sink.verbose === true) this.#printAll(rest, event)
      else if (event.outcome === 'failed' || event.outcome === 'interrupted') this.#printTail(tail, event)
    }
    if (sentence !== null) this.#print(sentence, event.host, event.at)
  }

  #sentence(event: Event): string | null {
    const isVerbose = this.#sink.verbose === true
    if (event.type === 'round' && !isVerbose)
      return this.#disclose === 'none' ? null : this.#rounds.take(event, this.#disclose === 'full')
    if (this.#disclose !== 'full') return this.#publicSentence(event, this.#disclose, isVerbose)
    if (!isVerbose && !isBrief(event)) return null
    // Each step of each of many hosts would be thousands of lines: what failed is told.
    const isFine = event.type === 'step.ended' && (event.outcome === 'done' || event.outcome === 'unchanged')
    if (!isVerbose && isFine && this.#wave.isOneOfMany(event.host)) return null
    if (event.type === 'stage.ended') this.#why.set(event.host, event.reason)
    if (!isVerbose && event.type === 'gate' && event.reason === this.#why.get(event.host)) return null
    return logSentence(event)
  }

  /** Outsiders hear of whole stages, not of steps: each is a line when it ends. */
  #publicSentence(event: Event, disclose: Exclude<Disclosure, 'full'>, isVerbose: boolean): string | null {
    const isStage = event.type === 'stage.ended'
    if (!isVerbose && !isStage && !isBrief(event)) return null
    const isFine = isStage && (event.outcome === 'done' || event.outcome === 'unchanged')
    if (!isVerbose && isFine && this.#wave.isOneOfMany(event.host)) return null
    const sentence = publicLogSentence(event, disclose)
    return sentence !== null && isStage ? `${sentence}${this.#took(event)}` : sentence
  }

  #took(event: Extract<Event, { type: 'stage.ended' }>): string {
    const began = this.#stageBegan.get(JSON.stringify([event.host, event.stage]))
    return began === undefined ? '' : ` (${spokenDuration(Date.parse(event.at) - began)})`
  }

  #output(event: Extract<Event, { type: 'step.output' }>): void {
    this.#steps.keep(event)
    if (this.#sink.verbose !== true || this.#disclose !== 'full') return
    this.#printAll(this.#steps.whole(event) ?? '', event)
  }

  #printAll(text: string, event: Event): void {
    for (const line of text.split('\n')) if (line.trim() !== '') this.#print(line, event.host, event.at)
  }

  #printTail({ lines, cut }: Tail, event: Extract<Event, { type: 'step.ended' }>): void {
    if (cut) this.#print(`… what it printed before is in ${event.log || 'its log file'}`, event.host, event.at)
    for (const line of lines) this.#print(line, event.host, event.at)
  }

  #beginStage(event: Extract<Event, { type: 'stage.begun' }>): void {
    this.#stageBegan.set(JSON.stringify([event.host, event.stage]), Date.parse(event.at))
    if (event.host === null || this.#sink.groups === undefined || !this.#wave.isAlone(event.host)) return
    this.#endGroup(this.#groupOf)
    const [title] = forLog(`${event.host}: ${event.stage}`, null, this.#redactor)
    this.#sink.groups.start(title ?? event.stage)
    this.#groupOf = event.host
  }

  #endGroup(host: string | null): void {
    if (this.#groupOf === null || this.#groupOf !== host) return
    this.#sink.groups?.end()
    this.#groupOf = null
  }

  #print(text: string, host: string | null, at: string | null): void {
    const time = at === null ? '' : `${at.slice(11, 19)} `
    for (const line of forLog(text, host, this.#redactor)) this.#sink.line(`${time}${line}`)
  }
}

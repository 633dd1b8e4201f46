import { markdownSpan } from '../../src/show/for-markdown'
import type { Attack, Where } from './attack'
import { sceneAttacks } from './scene-attacks/all'
import { unitAttacks } from './unit-attacks/all'

export const everyAttack = { unit: unitAttacks, scene: sceneAttacks }

const WAYS: Readonly<Record<Where, string>> = {
  ssh: 'the SSH connection',
  login: 'the login',
  answer: 'answers to questions',
  record: 'what a program tells of itself',
  text: 'text that is shown',
  note: 'notes on the disk',
  state: 'the state on the disk',
  lease: 'the lease',
  undo: 'undo files',
  file: 'other files of the state folder',
  path: 'paths',
  address: 'addresses',
  event: 'events',
  config: 'the maintenance file',
  secret: 'secrets that are said',
  helper: 'a helper',
}

const begin = '<!-- counts of attacks: begin -->'
const end = '<!-- counts of attacks: end -->'

/** How many attacks there are by each way, as a table. */
export function countsBlock(): string {
  const { unit, scene } = everyAttack
  const count = (list: readonly Attack[], way: Where) => list.filter((attack) => attack.where === way).length
  const rows = waysOf([...unit, ...scene]).map((way) => [WAYS[way], count(unit, way), count(scene, way)] as const)
  return [
    begin,
    '| by way of | against one function | against a whole run | held |',
    '|---|---|---|---|',
    ...rows.map(([way, one, whole]) => `| ${way} | ${one} | ${whole} | ${one + whole} of ${one + whole} |`),
    `| **all** | **${unit.length}** | **${scene.length}** | **${unit.length + scene.length} of ${unit.length + scene.length}** |`,
    end,
  ].join('\n')
}

const waysOf = (all: readonly Attack[]) =>
  (Object.keys(WAYS) as Where[]).filter((way) => all.some((attack) => attack.where === way))

/** @throws where the page has no place for it */
export function withBlock(page: string, block: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error('docs/security.md has no place for the counts of attacks')
  return page.slice(0, from) + block + page.slice(to + end.length)
}

/** Every attack, what the host does and what must come of it. */
export function tablePage(): string {
  const all = [...everyAttack.scene, ...everyAttack.unit]
  const sections = waysOf(all).map((way) =>
    [
      `## By way of ${WAYS[way]}`,
      '',
      '| attack | what is done | what must come of it |',
      '|---|---|---|',
      ...all.filter((attack) => attack.where === way).map(row),
    ].join('\n'),
  )
  return `${HEAD}\n\n${sections.join('\n\n')}\n`
}

const row = (attack: Attack) => `| ${markdownSpan(attack.id)} | ${cell(attack.does)} | ${cell(attack.must)} |`

const cell = (text: string) => text.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => markdownSpan(quoted)).replaceAll('|', '¦')

const HEAD = `# Attacks that are tried on every change

A host in the hands of somebody else must stay alone: what it says or keeps acts on that host only, costs a bounded amount of
memory and time, and defines nothing. Each row is a test. Those against a whole run start the command against four hosts on
loopback, one of them hostile; besides what the row says they require that no other host and no file of the runner is
touched, that no secret of another group is sent, that memory and deafness are bounded, that the other host goes live and
that every host has its verdict. This page is written from the tests (\`test/hostile/\`).`

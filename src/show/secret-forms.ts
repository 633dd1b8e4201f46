import { htmlForms } from './html-forms'
import type { Needle } from './needle-automaton'

/** Every spelling under which a secret is looked for, each at least `shortest` characters long. Pure. */
export function encodedForms(secret: string, shortest: number): readonly Needle[] {
  const forms = new Map<string, Needle>()
  const add = (text: string, wraps: boolean) => {
    if (text.length >= shortest) forms.set(text, { text, wraps: wraps || forms.get(text)?.wraps === true })
  }
  const { whole, lines } = piecesOf(secret, shortest)
  // What encodes character by character shows each line in its own form: the whole is needed only where it does not.
  for (const piece of whole) for (const text of [piece, jsonText(piece)]) add(text, false)
  for (const piece of [...whole, ...lines]) for (const text of base64Forms(piece)) add(text, true)
  for (const line of lines) {
    for (const text of spellings(line)) add(text, false)
    for (const text of hexForms(line)) add(text, true)
  }
  return [...forms.values()]
}

/** The secret, with and without outer blanks; and each of its lines, as far as they tell anything: a PEM frame is no secret. */
function piecesOf(secret: string, shortest: number): { whole: ReadonlySet<string>; lines: ReadonlySet<string> } {
  const all = secret.split(/\r\n|\r|\n/)
  const inner = all.map((line) => line.trim())
  const telling = inner.filter((line) => line.length >= shortest && !/^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/.test(line))
  const whole = new Set([secret, secret.replaceAll('\r\n', '\n'), secret.trim()])
  return { whole, lines: new Set(all.length === 1 ? [secret, ...telling] : telling) }
}

function jsonText(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

function spellings(piece: string): readonly string[] {
  const json = [piece, jsonText(piece), jsonText(jsonText(piece))]
  const escaped = (text: string, which: RegExp) => [
    text.replace(which, (c) => `\\u${codeOf(c)}`),
    text.replace(which, (c) => `\\u${codeOf(c).toUpperCase()}`),
  ]
  const [raw, once] = [piece, jsonText(piece)]
  const quotesToo = once.replaceAll('\\"', '\\u0022')
  const unicode = [
    ...ESCAPED_SETS.flatMap((which) => [...escaped(raw, which), ...escaped(once, which)]),
    ...escaped(once.replaceAll('/', '\\/'), BEYOND_ASCII),
    ...escaped(quotesToo, OF_DOT_NET),
    ...escaped(piece, /[\u0000-\uffff]/g),
  ]
  const inJson = unicode.map(jsonText)
  const percent = percentForms(piece)
  return [
    ...json,
    ...json.map((text) => text.replaceAll('/', '\\/')),
    ...unicode,
    ...inJson,
    ...percent,
    ...percent.map((text) => text.replaceAll('%', '%25')),
    ...htmlForms(piece),
    ...shellForms(piece),
  ]
}

/** As `json.dumps` of Python writes it: everything beyond ASCII as `\uXXXX`. */
const BEYOND_ASCII = /[\u007f-\uffff]/g
/** What other writers of JSON escape besides, so that it may stand in HTML. */
const ESCAPED_SETS = [
  BEYOND_ASCII,
  ...[/[<>&]/g, /[<>&\u007f-\uffff]/g, /[<>&']/g, /[<>&'\u007f-\uffff]/g, /[<>&'=]/g, /[<>&'=\u007f-\uffff]/g],
]
const OF_DOT_NET = /[<>&'+`\u007f-\uffff]/g

function codeOf(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(4, '0')
}

function hexForms(piece: string): readonly string[] {
  const hex = Buffer.from(piece).toString('hex')
  return [hex, hex.toUpperCase()]
}

function percentForms(piece: string): readonly string[] {
  const bytes = [...Buffer.from(piece)]
  const reserved = (keep: RegExp) =>
    bytes
      .map((b) =>
        keep.test(String.fromCharCode(b))
          ? String.fromCharCode(b)
          : `%${b.toString(16).toUpperCase().padStart(2, '0')}`,
      )
      .join('')
  const kept = [/[A-Za-z0-9_.~-]/, /[A-Za-z0-9_.!~*'()-]/, /[A-Za-z0-9_.~/-]/, /[A-Za-z0-9_.*-]/, /(?!)/]
  const forms = kept.map(reserved)
  const plus = forms.map((form) => form.replaceAll('%20', '+'))
  const lower = (form: string) => form.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  return [...forms, ...plus, ...forms.map(lower), ...plus.map(lower)]
}

/** Inside single quotes, inside double quotes, with backslashes (`printf %q`), and in `$'…'`. */
function shellForms(piece: string): readonly string[] {
  const ansi = piece.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\r', '\\r')
  return [
    piece.replaceAll("'", `'\\''`),
    piece.replaceAll("'", `'"'"'`),
    piece.replace(/["$`\\]/g, '\\$&'),
    piece.replace(/[^A-Za-z0-9_\-.,:/@%+=\u0080-\uffff]/g, '\\$&'),
    piece.replace(/[^A-Za-z0-9_\-./@%+=:\u0080-\uffff]/g, '\\$&'),
    ansi,
  ]
}

/** The characters that are the same whatever comes before and after, for each of the three alignments. */
function base64Forms(piece: string): readonly string[] {
  const bytes = Buffer.from(piece)
  const standard = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64')
    return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6))
  })
  return [...standard, ...standard.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))]
}

export interface SecretForm {
  readonly text: string
  /** The form is commonly broken into lines (base64). */
  readonly wraps: boolean
}

/** Every spelling under which a secret is looked for, each at least `shortest` characters long. Pure. */
export function encodedForms(secret: string, shortest: number): readonly SecretForm[] {
  const forms = new Map<string, SecretForm>()
  const add = (text: string, wraps: boolean) => {
    if (text.length >= shortest) forms.set(text, { text, wraps })
  }
  for (const piece of piecesOf(secret, shortest)) {
    for (const text of spellings(piece)) add(text, false)
    for (const text of base64Forms(piece)) add(text, true)
  }
  return [...forms.values()]
}

/** The secret, the secret without outer blanks, and each of its lines: a PEM frame is no secret. */
function piecesOf(secret: string, shortest: number): ReadonlySet<string> {
  const lines = secret.split(/\r\n|\r|\n/).map((line) => line.trim())
  const telling = lines.filter((line) => line.length >= shortest && !/^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/.test(line))
  const unixLineEnds = secret.replaceAll('\r\n', '\n')
  return new Set([secret, unixLineEnds, secret.trim(), ...telling])
}

function spellings(piece: string): readonly string[] {
  const json = JSON.stringify(piece).slice(1, -1)
  return [
    piece,
    json,
    json.replaceAll('/', '\\/'),
    asciiJson(json),
    asciiJson(json).replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`),
    ...percentForms(piece),
    ...shellForms(piece),
  ]
}

/** As `json.dumps` of Python writes it: everything beyond ASCII as `\uXXXX`. */
function asciiJson(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
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
  const forms = [/[A-Za-z0-9_.~-]/, /[A-Za-z0-9_.!~*'()-]/, /[A-Za-z0-9_.~/-]/, /[A-Za-z0-9_.*-]/].map(reserved)
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

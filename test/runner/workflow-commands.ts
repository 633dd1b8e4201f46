/** A workflow command as the runner reads it from a line of output. */
export interface WorkflowCommand {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly value: string
}

/** The command in a line, or null: `::name key=value::text` after blanks, or `##[name]text` anywhere. */
export function parseWorkflowCommand(line: string): WorkflowCommand | null {
  const second = /^\s*::([A-Za-z-]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$/s.exec(line)
  if (second !== null)
    return { name: second[1] ?? '', properties: properties(second[2] ?? ''), value: withoutEscapes(second[3] ?? '') }
  const first = /##\[([A-Za-z-]+)(?: [^\]]*)?\](.*)$/s.exec(line)
  return first === null ? null : { name: first[1] ?? '', properties: {}, value: first[2] ?? '' }
}

function properties(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => /^\s*([^=]+)=(.*)$/s.exec(pair))
  return Object.fromEntries(
    pairs.flatMap((pair) => (pair === null ? [] : [[pair[1] ?? '', withoutEscapes(pair[2] ?? '')]])),
  )
}

function withoutEscapes(text: string): string {
  const plain: Record<string, string> = { '%0D': '\r', '%0A': '\n', '%3A': ':', '%2C': ',', '%25': '%' }
  return text.replace(/%(?:0D|0A|3A|2C|25)/g, (code) => plain[code] ?? code)
}

/** Pairs of a GITHUB_OUTPUT, GITHUB_STATE or GITHUB_ENV file. @throws where a runner would refuse the file */
export function parseFileCommands(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  const lines = text.split(/\r?\n/)
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? ''
    if (line === '') continue
    const heredoc = /^([^=<]+)<<(.+)$/.exec(line)
    if (heredoc !== null) {
      const end = lines.indexOf(heredoc[2] ?? '', at + 1)
      if (end === -1) throw new Error(`the delimiter ${heredoc[2]} of ${heredoc[1]} is missing`)
      values.set(heredoc[1] ?? '', lines.slice(at + 1, end).join('\n'))
      at = end
    } else if (line.includes('=')) values.set(line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1))
    else throw new Error(`"${line}" is no pair of name and value`)
  }
  return values
}

import { execFile } from 'node:child_process'

export interface CommandResult {
  /** null: killed by a signal, or over its time. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandOptions {
  readonly input?: string
  readonly timeoutMs?: number
  readonly env?: NodeJS.ProcessEnv
  /** Sends SIGCONT again and again: a program that was stopped from elsewhere goes on. */
  readonly keepAwake?: boolean
}

/** Runs a program of this machine and waits for it. A bad exit code is a value, not an error. @throws when it cannot be started */
export function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const settings = {
      encoding: 'utf8',
      maxBuffer: 64 << 20,
      timeout: options.timeoutMs ?? 600_000,
      env: { ...process.env, LC_ALL: 'C', ...options.env },
    } as const
    const child = execFile(file, [...args], settings, (error, stdout, stderr) => {
      clearInterval(waker)
      if (error && typeof error.code === 'string') return reject(new Error(`${file} cannot be run: ${error.code}`))
      resolve({ exitCode: error ? exitCodeOf(error.code) : 0, stdout, stderr })
    })
    const waker = options.keepAwake ? setInterval(() => child.kill('SIGCONT'), 200) : undefined
    // A program that ends without reading its input is no error of ours.
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input ?? '')
  })
}

function exitCodeOf(code: unknown): number | null {
  return typeof code === 'number' ? code : null
}

/** As `runCommand`, and returns what was printed. @throws unless it ended with 0 */
export async function requireCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const result = await runCommand(file, args, options)
  if (result.exitCode === 0) return result.stdout
  throw new Error(
    `${file} ${args.join(' ')}: exit ${result.exitCode}\n${(result.stderr || result.stdout).slice(-3000)}`,
  )
}

/** Several `ip` commands in one process, each a line without the leading word. @throws at the first that fails */
export async function ipBatch(namespace: string | null, commands: readonly string[]): Promise<void> {
  const where = namespace === null ? [] : ['-n', namespace]
  await requireCommand('ip', [...where, '-batch', '-'], { input: `${commands.join('\n')}\n` })
}

/** How people give what a sentence asks for: by an input of the action, or by a flag or variable of the command line. */
interface Words {
  readonly config: string
  readonly hosts: string
  readonly ignoreWindow: string
  readonly knownHosts: string
  readonly passphrase: string
  readonly privateKey: string
  /** A whole sentence: what starts a recovery. */
  readonly recover: string
  readonly secrets: string
  readonly sudoPassword: string
}

const ACTION: Words = {
  config: 'the input config',
  hosts: 'the input hosts',
  ignoreWindow: '`ignore-window: true`',
  knownHosts: 'the input known-hosts',
  passphrase: 'the input ssh-key-passphrase',
  privateKey: 'the input ssh-private-key',
  recover: 'Start the workflow with `mode: recover`',
  secrets: 'the input secrets',
  sudoPassword: 'the input sudo-password',
}

const COMMAND_LINE: Words = {
  config: '--config',
  hosts: '--hosts',
  ignoreWindow: '--ignore-window',
  knownHosts: '--known-hosts-file',
  passphrase: 'the variable PITSTOP_SSH_KEY_PASSPHRASE',
  privateKey: '--identity',
  recover: 'Run `node dist/cli.js recover`',
  secrets: '--secrets',
  sudoPassword: 'the variable PITSTOP_SUDO_PASSWORD',
}

let words = ACTION

/** A process speaks to the users of the action, or to those of the command line: set once, before anything is said. */
export function speakToCommandLine(): void {
  words = COMMAND_LINE
}

/** The word for one of them. */
export function inputWord(what: keyof Words): string {
  return words[what]
}

import { COMMAND_TITLES, COMMANDS, type CommandName, LATER_COMMANDS } from './commands'
import { flagsOf, SECRET_VARIABLES } from './parse-command-line'

const FLAG_TEXTS: Readonly<Record<string, string>> = {
  config: 'FILE  the maintenance file (maintenance.yml)',
  'known-hosts': 'LINES  known_hosts lines',
  secrets: 'NAMES  environment variables the file may use, with commas between',
  'ssh-config': 'FILE  an ssh_config for hosts with transport: openssh',
  hosts: 'NAMES  only these hosts and groups: web-1,group:db',
  'ignore-window': '  work outside the maintenance window; recorded',
  'report-dir': 'DIR  folder for report, journal and logs (pitstop-report)',
  identity: 'FILE  private key',
  'known-hosts-file': 'FILE  known_hosts',
  verbose: '  the log tells everything: what begins, what each step prints, every round of checks',
  break: 'HOST  the new release of this host does not work: web-1, web-2 or web-3',
  keep: '  leave the folder of the hosts for a look; processes end in any case',
  reason: 'TEXT  why the host is released; journalled',
  undrain: '  verify the host once and let its users back, if the gate opens',
}

const DEMO_TEXTS: Readonly<Record<string, string>> = {
  'report-dir': 'DIR  folder for summary, status page, report, journal and logs (pitstop-demo)',
}

const EXAMPLES = [
  'Examples:',
  '  node dist/cli.js demo                                     see it work: no server, no key, no root',
  '  node dist/cli.js pin                                      the host keys, to be compared and put into the file',
  '  node dist/cli.js plan                                     what a run would do; changes nothing',
  '  node dist/cli.js verify --hosts web-1                     the checks alone; the first thing to try on a real fleet',
  '  node dist/cli.js run --identity ~/.ssh/id_ed25519         maintain what is due',
  '  node dist/cli.js run --config /srv/m.yml --ignore-window  now, whatever the window says; recorded',
  '  node dist/cli.js recover                                  settle what a run left that was cut',
  '',
  'Without --known-hosts-file and --identity: ~/.ssh/known_hosts, the ssh agent, and of ~/.ssh/config HostName, User,',
  'Port, IdentityFile and ProxyJump are used, each for what the file does not say. It is said what was read.',
] as const

/** The help text: of one command, or of all. */
export function usage(about: CommandName | null): string {
  return about === null ? overview() : commandUsage(about)
}

function overview(): string {
  const width = Math.max(...COMMANDS.map((name) => name.length)) + 2
  return [
    'usage: node dist/cli.js COMMAND [FLAGS]',
    '',
    ...COMMANDS.map((name) => `  ${name.padEnd(width)}${COMMAND_TITLES[name]}`),
    '',
    ...EXAMPLES,
    '',
    `Not available in this version: ${LATER_COMMANDS.join(', ')}.`,
    'Flags of a command: node dist/cli.js help COMMAND',
    ...ending(),
  ].join('\n')
}

function commandUsage(command: CommandName): string {
  const texts = command === 'demo' ? { ...FLAG_TEXTS, ...DEMO_TEXTS } : FLAG_TEXTS
  const flags = flagsOf(command).filter((name) => name in texts)
  const words = command === 'release' ? ' HOST' : command === 'schema' ? ' [maintenance|report]' : ''
  return [
    `usage: node dist/cli.js ${command}${words}${flags.length > 0 ? ' [FLAGS]' : ''}`,
    '',
    COMMAND_TITLES[command],
    ...(flags.length > 0 ? ['', ...flags.map((name) => `  --${name} ${texts[name]}`)] : []),
    ...ending(),
  ].join('\n')
}

function ending(): readonly string[] {
  return [
    '',
    `Secrets by environment only: ${Object.values(SECRET_VARIABLES).join(', ')}.`,
    'Exit: 0 green, 1 red, 2 bad usage or file, 3 refused by lease or key.',
    '',
  ]
}

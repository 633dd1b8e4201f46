export const COMMANDS = ['run', 'plan', 'verify', 'recover', 'status', 'release', 'pin', 'schema', 'demo'] as const
export type CommandName = (typeof COMMANDS)[number]

/** Words of the contract that this version does not do. */
export const LATER_COMMANDS: readonly string[] = ['announce', 'init', 'preview', 'doctor', 'evidence']

/** One line each, for the list of commands. */
export const COMMAND_TITLES: Readonly<Record<CommandName, string>> = {
  run: 'maintain the hosts of the maintenance file that are due',
  plan: 'show what a run would do; changes nothing on any host',
  verify: 'run the checks against the stored baseline',
  recover: 'settle what an earlier run left: finish it, undo it, or verify held hosts again',
  status: 'show what each host remembers, where its users go now, and what to do next',
  release: 'clear a held host by hand: release HOST --reason TEXT; touches no traffic without --undrain',
  pin: 'show the host keys the hosts offer, to be compared by a person and put into the file',
  schema: 'print a JSON Schema: schema maintenance, or schema report',
  demo: 'maintain a small fleet of its own on loopback: no server, no key, no root',
}

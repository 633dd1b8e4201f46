import { z } from 'zod'
import { announce } from './announce'
import { rollout, stages } from './stages'
import { ADDRESS, hostPath, name, USER, wanted } from './values'
import { day, windows } from './window-schema'

const user = z.string().regex(USER, 'expected a login name such as maint')
const port = z.int().min(1).max(65_535)
const transport = z.enum(['ssh', 'openssh', 'local'])
const become = z.enum(['sudo', 'none'])
const hostName = name.refine(
  (n) => n !== 'host' && n !== 'runner',
  'no host may be called "host" or "runner": `on:` uses these words',
)

const pin = z
  .string()
  .regex(
    /^SHA256:[A-Za-z0-9+/]{43}=?$/,
    'expected a fingerprint such as SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU',
  )

const skip = z.strictObject({
  until: day.optional().describe('The last day of the skip. Left out: until it is taken out of the file.'),
  reason: z.string().min(1).max(500),
})

/** Connection of every host, unless the host says otherwise. */
export const ssh = z.strictObject({
  user: user.optional().describe('Default: root.'),
  port: port.optional().describe('Default: 22.'),
  transport: transport.optional(),
  become: become.optional(),
})

const stateDir = hostPath.regex(
  /^\/(?:[A-Za-z0-9._/-]|\{(?:host|address|group)\})*$/,
  'expected an absolute path of A-Z a-z 0-9 . _ / -',
)

export const hostEntry = z.strictObject({
  address: z
    .string()
    .max(253)
    .regex(ADDRESS, 'expected a host name or an IP address, without user, port or brackets')
    .optional()
    .describe('Host name or IP address. Required, unless the inventory gives it or `transport: local`.'),
  group: name.optional().describe('Exactly one; `default` where none is written.'),
  port: port.optional(),
  user: user.optional(),
  jump: name.optional().describe('Name of the host of this file that the connection goes through.'),
  host_key: z
    .array(pin)
    .min(1, 'an empty list would pin nothing: list the fingerprints of the host, or leave host_key out')
    .optional()
    .describe('Fingerprints of the keys the host may show.'),
  transport: transport
    .optional()
    .describe('ssh (default), openssh (the `ssh` of the runner), local (the runner itself).'),
  become: become.optional().describe('Default: sudo, unless the login is root.'),
  state_dir: stateDir
    .optional()
    .describe(
      'Default: /var/lib/pitstop, without root ~/.local/state/pitstop. Made by Pitstop, at least two components.',
    ),
  skip: skip.optional().describe('Leave the host alone for now.'),
  maintain: z.boolean().optional().describe('false: a helper, reachable, never a target.'),
})
export type HostEntry = z.output<typeof hostEntry>

export type SshDefaults = z.output<typeof ssh>

const inventory = z
  .strictObject({
    ansible: z.string().min(1).optional().describe('An Ansible inventory in INI or YAML form; read, never executed.'),
    json: z.string().min(1).optional().describe('What `ansible-inventory --list` prints.'),
  })
  .refine((i) => (i.ansible === undefined) !== (i.json === undefined), 'expected exactly one of `ansible` and `json`')

/** Of a group: laid over what the file says for all, so that every key may be left out. */
const group = z.strictObject({
  needs: z.array(name).default([]).describe('Groups that are maintained before this one.'),
  stages: stages.optional().describe('Laid over `stages`.'),
  rollout: rollout.optional().describe('Laid over `rollout`.'),
  window: z
    .union([windowOverlay(), z.array(windows.options[0]).min(1)])
    .optional()
    .describe('Laid over `window`; a list replaces it.'),
})

function windowOverlay() {
  return windows.options[0].partial()
}

const text = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\x00-\x1f\x7f]*$/, 'expected one line of text')

/** The whole maintenance file as a person writes it. */
export const maintenanceFile = z.strictObject({
  version: z.literal(1, { error: wanted('this version reads files of version 1') }),
  name: text.optional().describe('What people read in notices and summaries.'),
  owner: text.optional().describe('Whom a held host calls for.'),
  window: windows
    .optional()
    .describe('When hosts may be admitted. Left out: any time. A list of windows is their union.'),
  ssh: ssh.prefault({}).describe('Defaults for every host.'),
  hosts: z.record(hostName, hostEntry).optional(),
  inventory: inventory.optional(),
  groups: z.record(name, group).optional().describe('What differs for the hosts of one role.'),
  rollout: rollout.prefault({}).describe('How many hosts at once, and what a failure stops.'),
  stages: stages.prefault({}),
  announce: announce.prefault({}).describe('Who is told about a maintenance.'),
})
export type FileInput = z.output<typeof maintenanceFile>

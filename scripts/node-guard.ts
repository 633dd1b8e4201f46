import packageJson from '../package.json'

/** The oldest Node that the programs run on, as `engines` of package.json says it: its major version. */
export const OLDEST_NODE = Number(/^>=(\d+)$/.exec(packageJson.engines.node)?.[1])

/**
 * The first statement of each program that is shipped: an older Node says so in one line and ends with 2 (bad usage),
 * before anything is loaded that it does not have. Debian 12's own Node is 18. Written as the oldest engines read it.
 */
export function nodeGuard(oldest: number = OLDEST_NODE): string {
  if (!Number.isInteger(oldest)) throw new Error('package.json: engines.node must be ">=" and a major version')
  return [
    `if (!(Number(process.version.slice(1).split(".")[0]) >= ${oldest})) {`,
    `  require("fs").writeSync(2, "Pitstop needs Node ${oldest} or later; this is Node " + process.version.slice(1) + " (" + process.execPath + "). Install a later Node, and start Pitstop with that.\\n");`,
    '  process.exit(2);',
    '}',
    '',
  ].join('\n')
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startLab } from './lab'
import { installMissingPackages, whyNoLab } from './machine'
import { isSameProcess } from './process-identity'
import { listRuns, reapLeftovers, removeRun } from './run-registry'

const usage = `The lab by hand:
  npx tsx test/lab/cli.ts up NAME...               starts hosts and keeps them until Ctrl-C or "down"
  npx tsx test/lab/cli.ts ssh NAME [LOGIN] [CMD]   into a host of a running lab (default login maint)
  npx tsx test/lab/cli.ts down                     ends every lab that "up" started from this checkout
  npx tsx test/lab/cli.ts reap                     takes away what crashed labs left
`

const byHand = 'by-hand.json'

async function up(names: readonly string[]): Promise<void> {
  const why = whyNoLab()
  if (why !== null) throw new Error(why)
  await installMissingPackages()
  await reapLeftovers()
  await using lab = await startLab(names.length > 0 ? names : ['web-1'])
  const commands = Object.fromEntries(lab.hosts.map((host) => [host.name, lab.sshArguments(host.name, 'maint')]))
  writeFileSync(join(lab.knownHostsFile, '..', byHand), JSON.stringify(commands))
  for (const host of lab.hosts) console.log(`${host.name}\t${host.address}\t${host.hostKey.fingerprint}`)
  console.log(`key ${lab.privateKeyFile}\nknown_hosts ${lab.knownHostsFile}`)
  const keepAlive = setInterval(() => {}, 60_000)
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')])
  clearInterval(keepAlive)
}

async function ssh(name: string | undefined, login = 'maint', command: readonly string[] = []): Promise<void> {
  for (const run of listRuns()) {
    const commands = readByHand(run.folder)
    const words = name === undefined ? undefined : commands[name]
    if (words === undefined) continue
    const args = words.map((word, i) => (words[i - 1] === '-l' ? login : word))
    const [code] = await once(spawn('ssh', [...args, ...command], { stdio: 'inherit' }), 'exit')
    process.exitCode = code ?? 1
    return
  }
  throw new Error(`no lab that "up" started has a host ${name ?? '(name it)'}`)
}

function readByHand(folder: string): Record<string, string[]> {
  if (!readdirSync(folder).includes(byHand)) return {}
  return JSON.parse(readFileSync(join(folder, byHand), 'utf8'))
}

async function down(): Promise<void> {
  for (const run of listRuns().filter((run) => Object.keys(readByHand(run.folder)).length > 0)) {
    if (isSameProcess(run.owner)) process.kill(run.owner.pid, 'SIGTERM')
    else await removeRun(run)
  }
}

async function main([command, ...words]: readonly string[]): Promise<void> {
  if (command === 'up') return up(words)
  if (command === 'ssh') return ssh(words[0], words[1], words.slice(2))
  if (command === 'down') return down()
  if (command === 'reap') {
    const ids = await reapLeftovers()
    console.log(ids.map((id) => `reaped ${id}`).join('\n') || 'nothing was left')
    return
  }
  process.stderr.write(usage)
  process.exitCode = 2
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})

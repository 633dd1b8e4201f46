import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bootCommand, envelope } from '../../../src/host/bootstrap'
import { compileTake, parseTake } from '../../../src/host/lease'
import { quote, sh } from '../../../src/shell/sh'
import { ProgramHost } from '../../fixtures/program-host'
import { hasShell, SHELLS, type ShellMachine, shellMachine } from '../../fixtures/shells'
import { shStep } from '../../fixtures/steps'

const isRoot = process.getuid?.() === 0
const SECRET = { secretEnv: { TOKEN: { env: 'API' } } }

describe.each(SHELLS.filter(hasShell))('H21: secrets of a program in %s', (shell) => {
  let machine: ShellMachine
  let host: ProgramHost
  let made = 0
  const nextId = () => `update-${made++}`
  beforeAll(() => {
    machine = shellMachine(shell)
    host = new ProgramHost(machine)
  })
  afterAll(() => machine.dispose())

  const folderOf = (id: string) => readFileSync(join(host.context.runDir, id, 'secrets'), 'utf8').trim()
  const leftOf = (id: string) => (existsSync(folderOf(id)) ? readdirSync(folderOf(id)) : [])

  /** The lease as the next run takes it, or `release`. */
  function takeLease(): string {
    const want = { run: 'r2', owner: 'next', url: '-', asRoot: false, adopt: false }
    const { stateDir, context } = host
    const { input } = envelope(compileTake({ ...want, stateDir, lockFile: context.lockFile }))
    const env = { PATH: machine.path, HOME: machine.folder }
    const { stdout } = spawnSync('sh', ['-c', bootCommand('none')], { input, env, encoding: 'utf8', timeout: 20_000 })
    return parseTake(
      stdout
        .split('\n')
        .slice(2)
        .join('\n')
        .replace(/#[0-9a-f]+ \d+\n$/, ''),
    ).t
  }

  it('lie in a folder that is ours alone, in memory, until the step that uses them', async () => {
    const id = nextId()
    const { results } = await host.run(id, [
      shStep('looks', 'read -r R <"$D/secrets"; stat -c %a "$R" "$R"/*', { output: { data: 999 } }),
      shStep('uses', '[ "$TOKEN" = "value of API" ]', SECRET),
      shStep('looks-again', 'read -r R <"$D/secrets"; ls "$R"', { output: { data: 999 } }),
    ])
    expect(results.map((r) => r.exitCode)).toEqual([0, 0, 0])
    expect(results[0]?.output).toBe('700\n600\n')
    expect(results[2]?.output).toBe('')
    const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
    const inMemory = mounts.map((line) => line.split(' ')).filter((m) => m[2] === 'tmpfs' || m[2] === 'ramfs')
    expect(inMemory.some((m) => folderOf(id).startsWith(`${m[1]}/`))).toBe(true)
  })

  it('of steps that never ran are gone at the end of the program', async () => {
    const [failed, skipped] = [nextId(), nextId()]
    await host.run(failed, [shStep('fails', 'exit 4'), shStep('never', 'true', SECRET)])
    await host.run(skipped, [shStep('elsewhere', 'true', { ...SECRET, onlyIf: sh`false` })])
    expect([leftOf(failed), leftOf(skipped)]).toEqual([[], []])
  })

  it('of a program that was killed are gone with the next lease, which `release` takes too', async () => {
    const id = nextId()
    await host.run(id, [
      shStep('killed', 'read -r p _ <"$D/pid"; kill -9 "$p"; sleep 0.3'),
      shStep('never', ':', SECRET),
    ])
    expect(leftOf(id)).toHaveLength(1)
    expect(takeLease()).toBe('taken')
    expect(leftOf(id)).toEqual([])
    writeFileSync(`${host.stateDir}/lease`, 'token=7\nowner=me\n')
  })

  it('stay as they are while the program of another run lives', async () => {
    const id = nextId()
    const go = join(machine.folder, `go-${id}`)
    const ran = host.run(id, [
      shStep('waits', `until [ -e ${go} ]; do sleep 0.05; done`),
      shStep('uses', '[ "$TOKEN" = "value of API" ]', SECRET),
    ])
    const rec = join(host.context.runDir, id, 'rec')
    while (!(existsSync(rec) && readFileSync(rec, 'latin1').includes('begin 0'))) await pause(20)
    writeFileSync(`${host.stateDir}/lease`, 'token=7\nowner=\n')
    expect(takeLease()).toBe('alive')
    writeFileSync(`${host.stateDir}/lease`, 'token=7\nowner=me\n')
    writeFileSync(go, '')
    expect((await ran).results.map((r) => r.exitCode)).toEqual([0, 0])
  })

  it.runIf(isRoot)('never lie on a disk: a host without a file system in memory is refused by name', async () => {
    const disk = join(machine.folder, 'disk')
    mkdirSync(disk, { recursive: true })
    const before = `mount --bind ${disk} /dev/shm && mount --bind ${disk} /run`
    const diskless: ShellMachine = {
      ...machine,
      exec: (command) =>
        machine.exec(`exec unshare --mount /bin/sh -c ${quote(`${before} && exec sh -c "$0"`)} ${quote(command)}`),
    }
    const id = nextId()
    const { end, items } = await new ProgramHost(diskless).run(id, [shStep('uses', 'true', SECRET)])
    expect(end).toMatchObject({ t: 'no-secrets', why: expect.stringContaining('tmpfs or ramfs') })
    expect(items).toEqual([])
    expect(existsSync(join(host.context.runDir, id))).toBe(false)
    expect(spawnSync('grep', ['-r', 'value of API', disk]).status).toBe(1)
  })
})

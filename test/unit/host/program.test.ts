import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sh } from '../../../src/shell/sh'
import { ProgramHost } from '../../fixtures/program-host'
import { breakAfter, hasShell, SHELLS, type ShellMachine, shellMachine } from '../../fixtures/shells'
import { shStep } from '../../fixtures/steps'

const HOSTILE = [
  'over 1\n',
  'end 0 0 1.00 1\n',
  'begin 1 -\n',
  'lease-lost\n',
  '\n\n',
  "E'F\n",
  '$(id)`id`\\\n',
  '%s%n',
]
const bytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(...HOSTILE).map((t) => Buffer.from(t)),
    ),
  )
  .map((parts) => Buffer.concat(parts))

const isRoot = process.getuid?.() === 0

const textOf = (items: readonly { t: string }[]) =>
  items.flatMap((i) => ('text' in i && typeof i.text === 'string' ? [i.text] : [])).join('')

const heldBy = (lockFile: string, name: string) => readFileSync(`${lockFile}.dir`, 'utf8').includes(`/${name}/`)

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(20)
}

describe.each(SHELLS.filter(hasShell))('a program in %s', (shell) => {
  let machine: ShellMachine
  let host: ProgramHost
  let made = 0
  const nextId = () => `update-${made++}`
  beforeAll(() => {
    machine = shellMachine(shell)
    host = new ProgramHost(machine)
  })
  afterAll(() => machine.dispose())

  it('hands over the very bytes of each step, whatever they imitate', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, bytes, fc.nat(255), async (data, live, rc) => {
        writeFileSync(join(machine.folder, 'data'), data)
        writeFileSync(join(machine.folder, 'live'), live)
        const { end, items, results } = await host.run(nextId(), [
          shStep('data', `cat ${machine.folder}/data`, { output: { data: 1 << 20 } }),
          shStep('live', `cat ${machine.folder}/live; exit ${rc}`, { required: false }),
        ])
        expect(end).toEqual({ t: 'over' })
        expect(results).toMatchObject([
          { id: 'data', outcome: 'done', exitCode: 0, output: data.toString('utf8'), truncated: false },
          { id: 'live', outcome: rc === 0 ? 'done' : 'failed', exitCode: rc },
        ])
        // The last character may be cut in the middle: it is held back, never invented.
        expect(live.toString('utf8').startsWith(textOf(items).replace(/\ufffd+$/, ''))).toBe(true)
      }),
      { numRuns: 6 },
    )
  })

  it('H19: starts once and tells the same, wherever the connection breaks', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(700), { minLength: 1, maxLength: 3 }), async (cuts) => {
        const count = join(machine.folder, `count-${made}`)
        const { end, items, results } = await host.run(
          nextId(),
          [
            shStep('one', `echo x >>${count}; echo first`),
            shStep('two', 'sleep 0.05; echo over 9; exit 0', { output: { data: 99 } }),
            shStep('three', 'echo third'),
          ],
          (channel, n) => (cuts[n] === undefined ? channel : breakAfter(channel, cuts[n])),
        )
        expect(end).toEqual({ t: 'over' })
        expect(readFileSync(count, 'utf8')).toBe('x\n')
        expect(items.flatMap((i) => (i.t === 'begin' ? [i.step] : []))).toEqual(['one', 'two', 'three'])
        expect(results).toMatchObject([{ exitCode: 0 }, { exitCode: 0, output: 'over 9\n' }, { exitCode: 0 }])
        expect(textOf(items)).toBe('first\nthird\n')
      }),
      { numRuns: 4 },
    )
  }, 30_000)

  it('H19: ends though a step leaves a daemon behind, and gives steps no input to wait for', async () => {
    const began = performance.now()
    const { end, results } = await host.run(nextId(), [
      shStep('daemon', 'sleep 20 & echo started'),
      shStep('input', 'cat; echo read', { output: { data: 99 } }),
    ])
    expect(end).toEqual({ t: 'over' })
    expect(results.at(-1)).toMatchObject({ exitCode: 0, output: 'read\n' })
    expect(performance.now() - began).toBeLessThan(10_000)
  })

  it('H21: keeps a secret out of arguments, of its own files, and of the disk once it is read', async () => {
    const id = nextId()
    const seen = `tr '\\0' ' ' </proc/$$/cmdline; for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <"$f"; done 2>/dev/null; exit 0`
    const { results } = await host.run(id, [
      shStep('uses', 'printf "%s" "$TOKEN" | wc -c', { secretEnv: { TOKEN: { env: 'API' } }, output: { data: 99 } }),
      shStep('looks', seen, { output: { data: 4 << 20 } }),
    ])
    expect(results[0]?.output.trim()).toBe(String('value of API'.length))
    expect(results[1]?.output).not.toContain('value of API')
    const dir = join(host.context.runDir, id)
    const files = readdirSync(dir).filter((name) => statSync(join(dir, name)).isFile())
    expect(files.filter((name) => readFileSync(join(dir, name), 'latin1').includes('value of API'))).toEqual([])
    const kept = readFileSync(join(dir, 'secrets'), 'utf8').trim()
    expect(readdirSync(kept).filter((name) => name.includes(`-${id}-`))).toEqual([])
  })

  it('H22: keeps its folder, its programs and their output for its owner', async () => {
    const id = nextId()
    await host.run(id, [shStep('one', 'echo x', { output: { data: 99 } })])
    const dir = join(host.context.runDir, id)
    const open = [dir, ...readdirSync(dir).map((n) => join(dir, n))].filter((p) => (statSync(p).mode & 0o077) !== 0)
    expect(open).toEqual([])
  })

  it('gives each undo a higher number than any that lies there, whatever was forgotten meanwhile', async () => {
    const folder = `${host.stateDir}/undo`
    rmSync(folder, { recursive: true, force: true })
    const change = () => shStep('change', 'true', { undo: { run: sh`:`, onDeadMan: true } })
    const numbers = () => readdirSync(folder).map((name) => name.split('-')[1])
    await host.run(nextId(), [change(), change(), change()])
    expect(numbers()).toEqual(['0000', '0001', '0002'])
    for (const name of readdirSync(folder).filter((file) => !file.includes('-0002-'))) rmSync(join(folder, name))
    await host.run(nextId(), [change()])
    expect(numbers()).toEqual(['0002', '0003'])
    writeFileSync(join(folder, '000003-0089-web-9.de-drain-4-0.done'), '')
    writeFileSync(join(folder, 'a-person-was-here'), '')
    await host.run(nextId(), [change()])
    expect(numbers()).toContain('0090')
    rmSync(folder, { recursive: true, force: true })
  })

  it('H32: has state and undo on the disk before the step that they are for', async () => {
    const { results } = await host.run(nextId(), [
      shStep('change', `cat ${host.stateDir}/state; cat ${host.stateDir}/undo/*.sh; cat "$D/rec"`, {
        output: { data: 9_999 },
        undo: { run: sh`echo ${"it's undone"}`, onDeadMan: true },
      }),
    ])
    const seen = results[0]?.output ?? ''
    expect(seen).toContain('touched=true\n')
    expect(seen).toContain("echo 'it'\\''s undone'")
    expect(seen).toMatch(/begin 0 \S+\n$/)
  })

  it('H32: begins nothing where the disk does not take its state', async () => {
    const full = new ProgramHost(machine, { stateDir: join(machine.folder, `full-${made}`) })
    symlinkSync('/dev/full', join(full.stateDir, 'state.new'))
    const { end, items } = await full.run(nextId(), [shStep('one', `touch ${machine.folder}/begun-anyway`)])
    expect(end).toEqual({ t: 'no-space' })
    expect(items.some((i) => i.t === 'begin')).toBe(false)
    expect(existsSync(join(machine.folder, 'begun-anyway'))).toBe(false)
  })

  it.runIf(isRoot && shell === 'dash')(
    'H32: on a full disk begins nothing new, and does what has to be done in the megabyte that was kept for it',
    async () => {
      const stateDir = join(machine.folder, `small-${made}`)
      mkdirSync(stateDir)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', stateDir])
      try {
        const small = new ProgramHost(machine, { stateDir })
        mkdirSync(join(stateDir, 'runs/r1'))
        writeFileSync(join(stateDir, 'reserve'), Buffer.alloc(1 << 20))
        expect(() => writeFileSync(join(stateDir, 'fill'), Buffer.alloc(8 << 20))).toThrow('ENOSPC')
        const did = join(machine.folder, `did-${made}`)
        const refused = await small.run(nextId(), [shStep('new', `echo new >>${did}`)])
        expect(refused.end).toEqual({ t: 'no-space' })
        const last = await small.run(nextId(), [shStep('last', `echo last >>${did}`, { onFullDisk: true })])
        expect(last.end).toEqual({ t: 'over' })
        expect(readFileSync(did, 'utf8')).toBe('last\n')
        expect(readFileSync(join(stateDir, 'state'), 'utf8')).toContain('touched=true')
      } finally {
        execFileSync('umount', ['--lazy', stateDir])
      }
    },
  )

  it('H28: begins nothing for a token that is not the one on the host', async () => {
    const late = new ProgramHost(machine, { stateDir: join(machine.folder, `late-${made}`), token: 6 })
    const { end, items } = await late.run(nextId(), [shStep('one', 'true')])
    expect(end).toEqual({ t: 'lease-lost' })
    expect(items).toEqual([])
    expect(existsSync(join(late.stateDir, 'state'))).toBe(false)
  })

  // Two kinds of lock: flock, and where there is none the program that noted itself.
  it.runIf(['dash', 'busybox'].includes(shell))(
    'begins nothing while another program is at work on the machine',
    async () => {
      const other = new ProgramHost(machine, {
        stateDir: join(machine.folder, 'other'),
        lockFile: host.context.lockFile,
      })
      const release = join(machine.folder, `release-${made}`)
      const first = other.run(nextId(), [shStep('long', `until [ -e ${release} ]; do sleep 0.1; done`)])
      await until(() => existsSync(`${host.context.lockFile}.dir`) && heldBy(host.context.lockFile, 'other'))
      const { end, items } = await host.run(nextId(), [shStep('one', 'true')])
      writeFileSync(release, '')
      expect(end).toEqual({ t: 'lease-lost' })
      expect(items).toEqual([])
      expect((await first).end).toEqual({ t: 'over' })
      expect((await host.run(nextId(), [shStep('one', 'true')])).end).toEqual({ t: 'over' })
    },
    20_000,
  )

  it('is not started by half an upload', async () => {
    const id = nextId()
    const { end, results } = await host.run(id, [shStep('big', `: ${'x'.repeat(200_000)}\ntrue`)], (channel, n) => {
      if (n > 0) return channel
      const stdin = channel.stdin
      const cut = Object.assign(Object.create(stdin), {
        write: (text: string) => stdin.write(text.slice(0, 100_000)) && stdin.end(),
        end: () => stdin,
      })
      return { ...channel, stdin: cut, exit: channel.exit.then(() => null) }
    })
    expect(end).toEqual({ t: 'over' })
    expect(results).toHaveLength(1)
    const rec = readFileSync(join(host.context.runDir, id, 'rec'), 'latin1')
    expect(rec.match(/begin/g)).toHaveLength(1)
  })

  it('stops at a required step that fails, goes on after another, and says what was not needed', async () => {
    const { end, results } = await host.run(nextId(), [
      shStep('there', 'exit 9', { already: sh`true` }),
      shStep('elsewhere', 'exit 9', { onlyIf: sh`false` }),
      shStep('best-effort', 'exit 4', { required: false }),
      shStep('needed', 'echo why; exit 5'),
      shStep('never', 'true'),
    ])
    expect(end).toEqual({ t: 'over' })
    expect(results.map((r) => [r.id, r.outcome, r.exitCode])).toEqual([
      ['there', 'unchanged', 0],
      ['elsewhere', 'skipped', 0],
      ['best-effort', 'failed', 4],
      ['needed', 'failed', 5],
    ])
    expect(results.at(-1)?.tail).toBe('why\n')
  })

  it('ends a step at its time, and no other', async () => {
    const { end, results } = await host.run(nextId(), [
      shStep('slow', 'sleep 30', { timeoutMs: 1_000, required: false }),
      shStep('next', 'true'),
    ])
    expect(end).toEqual({ t: 'over' })
    expect(results[0]).toMatchObject({ outcome: 'failed' })
    expect([124, 143]).toContain(results[0]?.exitCode)
    expect(results[1]).toMatchObject({ outcome: 'done' })
  })

  it('says when a step printed more than is kept', async () => {
    const { results } = await host.run(nextId(), [shStep('long', 'printf 1234567', { output: { data: 4 } })])
    expect(results[0]).toMatchObject({ output: '1234', truncated: true })
  })

  it('died when it is killed in a step: what that did is unknown, and nothing after it began', async () => {
    const { end, items } = await host.run(nextId(), [
      shStep('killed', 'read -r p _ <"$D/pid"; kill -9 "$p"; sleep 0.3'),
      shStep('never', 'true'),
    ])
    expect(end).toEqual({ t: 'died' })
    expect(items.map((i) => i.t)).toEqual(['begin'])
  })

  it('tells everything again to the next run that attaches', async () => {
    const id = nextId()
    const steps = [shStep('one', 'echo first'), shStep('two', 'exit 3')]
    const first = await host.run(id, steps)
    const second = await host.attach(id, steps)
    expect(second.items).toEqual(first.items)
    expect((await host.attach('never-was', steps)).end).not.toEqual({ t: 'over' })
  })

  it('finds its script whole and executable, and its environment as it was given', async () => {
    const text = '#!/bin/sh\nprintf "%s|%s" "$1" "$WORD"\n'
    const { results } = await host.run(nextId(), [
      shStep('script', '', {
        run: sh`"$PITSTOP_SCRIPT" ${'a b'}`,
        script: { text, sha256: '' },
        env: { WORD: "it's $HOME" },
        output: { data: 99 },
      }),
    ])
    expect(results[0]).toMatchObject({ exitCode: 0, output: "a b|it's $HOME" })
  })
})

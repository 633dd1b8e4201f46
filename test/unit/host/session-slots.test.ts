import { describe, expect, it } from 'vitest'
import { SessionRefused, SessionSlots } from '../../../src/host/session-slots'

function session() {
  let end: (code: number | null) => void = () => {}
  const exit = new Promise<number | null>((resolve) => {
    end = resolve
  })
  return { exit, end, close: () => end(null) }
}

describe('sessions of a connection', () => {
  it('wait in line for a free place', async () => {
    const slots = new SessionSlots(2, 1_000)
    const opened: number[] = []
    const sessions = [session(), session(), session()]
    const uses = sessions.map((s, i) =>
      slots.use(async () => {
        opened.push(i)
        return s
      }),
    )
    await Promise.all(uses.slice(0, 2))
    expect(opened).toEqual([0, 1])
    sessions[1]?.end(0)
    await uses[2]
    expect(opened).toEqual([0, 1, 2])
  })

  it('are not waited for without end', async () => {
    const slots = new SessionSlots(1, 50)
    await slots.use(async () => session())
    let isOpened = false
    const second = slots.use(async () => {
      isOpened = true
      return session()
    })
    await expect(second).rejects.toBeInstanceOf(SessionRefused)
    expect(isOpened).toBe(false)
  })

  it('are closed again when they open too late', async () => {
    const slots = new SessionSlots(1, 30)
    const slow = session()
    const use = slots.use(async () => {
      await new Promise((resolve) => setTimeout(resolve, 90))
      return slow
    })
    await expect(use).rejects.toBeInstanceOf(SessionRefused)
    expect(await slow.exit).toBeNull()
  })

  it('free their place when they cannot be opened', async () => {
    const slots = new SessionSlots(1, 1_000)
    await expect(slots.use(() => Promise.reject(new Error('cut')))).rejects.toThrow('cut')
    const next = session()
    expect(await slots.use(async () => next)).toBe(next)
  })

  it('are asked for again when the server refuses one more', async () => {
    const slots = new SessionSlots(4, 2_000)
    const first = session()
    await slots.use(async () => first)
    let asked = 0
    const second = await slots.use(async () => {
      if (++asked < 3) throw new SessionRefused('open failed')
      return session()
    })
    expect(asked).toBe(3)
    expect(second.exit).toBeInstanceOf(Promise)
  })
})

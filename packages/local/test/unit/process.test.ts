import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { ended, isRunning, kill, processId } from '../../src/process.ts'

describe('a process, by its id and start', () => {
  it('runs until it has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'])
    const id = await processId(child.pid as number)
    expect(await isRunning(id)).toBe(true)
    expect(await ended(id, 100)).toBe(false)
    await kill(id)
    await once(child, 'exit')
    expect(await isRunning(id)).toBe(false)
    expect(await processId(id.pid)).toMatchObject({ started: 'ended' })
    expect(await isRunning(await processId(id.pid))).toBe(false)
  })

  it('is never another one of the same id, nor a group of processes', async () => {
    const signals = vi.spyOn(process, 'kill').mockReturnValue(true)
    for (const pid of [process.pid, 0, -1, Number.NaN, undefined as never]) {
      const id = { pid, started: pid === process.pid ? 'at another time' : '' }
      expect(await isRunning(id)).toBe(false)
      await kill(id)
    }
    // Signal 0 only asks.
    expect(signals.mock.calls.filter(([, signal]) => signal !== 0)).toEqual([])
    signals.mockRestore()
  })
})

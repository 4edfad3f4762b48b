import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { holderOf, takeLock } from '../../src/lock.ts'
import { isRunning, processId } from '../../src/process.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-test-'))
  file = join(folder, 'lock')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the lock of a data folder', () => {
  it('is held by one, and names its holder to the next', async () => {
    const lock = await takeLock(file, 'the folder')
    await expect(takeLock(file, 'the folder')).rejects.toThrow(
      `the folder is in use by process ${process.pid}`,
    )
    expect((await holderOf(file))?.owner.pid).toBe(process.pid)
    await lock.release()
    expect(await holderOf(file)).toBeUndefined()
    await (await takeLock(file, 'the folder')).release()
  })

  it('is taken over from a process that is gone', async () => {
    const owner = { pid: process.pid, started: 'at another time' }
    await writeFile(file, JSON.stringify({ owner, children: [] }))
    await takeLock(file, 'the folder')
    const now = await processId(process.pid)
    expect((await holderOf(file))?.owner).toEqual(now)
  })

  it('is taken over only when what its owner started has ended', async () => {
    const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 700)'], { stdio: 'ignore' })
    const left = await processId(child.pid ?? -1)
    const owner = { pid: process.pid, started: 'at another time' }
    await writeFile(file, JSON.stringify({ owner, children: [left] }))
    expect(await isRunning(left)).toBe(true)
    await takeLock(file, 'the folder')
    expect(await isRunning(left)).toBe(false)
  })

  it('of another machine is not judged: its process ids say nothing here', async () => {
    const owner = { pid: process.pid, started: 'at another time' }
    await writeFile(file, JSON.stringify({ owner, children: [], host: 'elsewhere' }))
    await expect(takeLock(file, 'the folder')).rejects.toThrow(
      /taken by process \d+ on elsewhere.*remove the lock file/,
    )
  })

  it.each([
    '{"owner":{"pid":1,"started":"x"},"children":[null]}',
    '{"owner":{"pid":"1"},"children":[]}',
    '{"owner":null,"children":[]}',
    '[]',
    'null',
  ])('is taken over when it is %s', async (text) => {
    await writeFile(file, text)
    expect(await holderOf(file)).toBeUndefined()
    await (await takeLock(file, 'the folder')).release()
  })

  it('is taken over when it was never written whole', async () => {
    await writeFile(file, '{"owner":')
    await takeLock(file, 'the folder')
    expect(await readFile(file, 'utf8')).toContain(String(process.pid))
  })

  it('is taken over by one only, when many find it stale at once', async () => {
    const owner = { pid: process.pid, started: 'at another time' }
    await writeFile(file, JSON.stringify({ owner, children: [] }))
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => takeLock(file, 'the folder')),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await readdir(folder)).toEqual(['lock'])
  })

  it('is released by its owner only', async () => {
    const lock = await takeLock(file, 'the folder')
    const other = JSON.stringify({ owner: { pid: 1, started: '1' }, children: [] })
    await writeFile(file, other)
    await lock.release()
    expect(await readFile(file, 'utf8')).toBe(other)
  })

  it('can be waited for, until that is given up', async () => {
    const lock = await takeLock(file, 'the folder')
    setTimeout(() => void lock.release(), 300)
    let waited = 0
    const onWait = ({ pid }: { pid: number }): void => {
      waited = pid
    }
    const next = await takeLock(file, 'the folder', { wait: 5_000, onWait })
    expect(waited).toBe(process.pid)
    const signal = AbortSignal.timeout(100)
    await expect(takeLock(file, 'the folder', { wait: 60_000, signal })).rejects.toThrow()
    await next.release()
  })
})

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import { takeLock } from '../../src/lock.ts'

/** Every step takes another time: what can happen between two of them then does. */
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>()
  const slow = <A extends unknown[], R>(step: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      await sleep(Math.random() * 10)
      return step(...args)
    }
  }
  const { link, rename, readFile } = real
  return { ...real, link: slow(link), rename: slow(rename), readFile: slow(readFile) }
})

it('a stale lock is taken over by one only, however many find it at once', async () => {
  const owner = { pid: process.pid, started: 'at another time' }
  const moments = Array.from({ length: 20 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lock-test-'))
    const file = join(folder, 'lock')
    await writeFile(file, JSON.stringify({ owner, children: [] }))
    const taken = await Promise.allSettled(
      Array.from({ length: 10 }, () => takeLock(file, 'the folder')),
    )
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await readdir(folder)).toEqual(['lock'])
    await rm(folder, { recursive: true })
  })
  await Promise.all(moments)
})

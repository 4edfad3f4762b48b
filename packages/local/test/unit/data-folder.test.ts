import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { takeDataFolder } from '../../src/data-folder.ts'
import { processId } from '../../src/process.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'data-folder-test-'))
  vi.stubEnv('TMPDIR', folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

/** A temporary folder as a cluster leaves it when its process is killed. */
async function left(holder: object): Promise<string> {
  const path = await mkdtemp(join(folder, 'druid-local-'))
  const owner = { pid: process.pid, started: 'at another time' }
  const lock = { owner, children: [], host: hostname(), ...holder }
  await writeFile(join(path, 'lock'), JSON.stringify(lock))
  return path
}

describe('the folder of a cluster', () => {
  it('stays when it was given, and goes when it is temporary', async () => {
    const given = await takeDataFolder(join(folder, 'mine'))
    await expect(takeDataFolder(given.path)).rejects.toThrow(
      `the data folder ${given.path} is in use by process ${process.pid}`,
    )
    await given.release()
    await access(given.path)
    const temporary = await takeDataFolder(undefined)
    expect(temporary.path.startsWith(join(folder, 'druid-local-'))).toBe(true)
    await temporary.release()
    await expect(access(temporary.path)).rejects.toThrow()
  })

  it('is removed by a later start when its process was killed, and nothing runs in it', async () => {
    const self = await processId(process.pid)
    const forgotten = await left({})
    const kept = [
      await left({ owner: self }),
      await left({ children: [self] }),
      await left({ host: 'another machine' }),
      await mkdtemp(join(folder, 'druid-local-')),
    ]
    await (await takeDataFolder(undefined)).release()
    await expect(access(forgotten)).rejects.toThrow()
    for (const path of kept) await access(path)
  })
})

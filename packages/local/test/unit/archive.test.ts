import { access, mkdir, mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { archiveFolder, archiveUse } from '../../src/archive.ts'

let folder: string
let dataDir: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'archive-test-'))
  dataDir = join(folder, 'data')
  await mkdir(join(dataDir, 'tmp'), { recursive: true })
  vi.stubEnv('XDG_CACHE_HOME', folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true })
})

describe('class data archives', () => {
  it('are written by the first run, and used by the next', async () => {
    const archives = await archiveFolder('33.0.0', 'java', [])
    const first = await archiveUse(archives, 'broker', { dataDir, javaVersion: 17 })
    const own = join(dataDir, 'tmp', 'broker.jsa')
    expect(first.flags).toContain(`-XX:ArchiveClassesAtExit=${own}`)
    await writeFile(own, 'classes')
    await first.keep()
    await expect(access(own)).rejects.toThrow()
    const { flags } = await archiveUse(archives, 'broker', { dataDir, javaVersion: 17 })
    expect(flags.at(-1)).toBe(`-XX:SharedArchiveFile=${join(archives, 'broker-7.jsa')}`)
    expect(
      (await archiveUse(archives, 'router', { dataDir, javaVersion: 17 })).flags.at(-1),
    ).toContain('AtExit')
  })

  it('are written anew when they were cut short', async () => {
    const archives = await archiveFolder('33.0.0', 'java', [])
    await writeFile(join(archives, 'broker-7.jsa'), 'classes')
    await truncate(join(archives, 'broker-7.jsa'), 3)
    expect(
      (await archiveUse(archives, 'broker', { dataDir, javaVersion: 17 })).flags.at(-1),
    ).toContain('AtExit')
    expect(await readdir(archives)).toEqual([])
  })

  it('stay whole when two clusters end at once, or when none was written', async () => {
    const archives = await archiveFolder('33.0.0', 'java', [])
    const other = join(folder, 'other')
    await mkdir(join(other, 'tmp'), { recursive: true })
    const uses = await Promise.all(
      [dataDir, other].map((it) =>
        archiveUse(archives, 'broker', { dataDir: it, javaVersion: 17 }),
      ),
    )
    await writeFile(join(dataDir, 'tmp', 'broker.jsa'), 'a'.repeat(2_000_000))
    await writeFile(join(other, 'tmp', 'broker.jsa'), 'b'.repeat(1_000_000))
    await Promise.all(uses.map((use) => use.keep()))
    expect(
      (await archiveUse(archives, 'broker', { dataDir, javaVersion: 17 })).flags.at(-1),
    ).toContain('SharedArchive')
    await (await archiveUse(archives, 'router', { dataDir, javaVersion: 17 })).keep()
    expect((await readdir(archives)).every((name) => /^broker-\d+\.jsa$/.test(name))).toBe(true)
  })

  it('are used but not written where others could not use them', async () => {
    const archives = await archiveFolder('33.0.0', 'java', [])
    const options = { dataDir, javaVersion: 17, readOnly: true }
    expect((await archiveUse(archives, 'broker', options)).flags).toEqual([])
    await writeFile(join(archives, 'broker-7.jsa'), 'classes')
    expect((await archiveUse(archives, 'broker', options)).flags.at(-1)).toContain('SharedArchive')
  })

  it('are left out where the JVM does not know them', async () => {
    const archives = await archiveFolder('33.0.0', 'java', [])
    const use = await archiveUse(archives, 'broker', { dataDir, javaVersion: 11 })
    expect(use.flags).toEqual([])
    await use.keep()
    expect(await readdir(archives)).toEqual([])
  })

  it('are others for another JVM, and for jars that were replaced', async () => {
    const jar = join(folder, 'a.jar')
    await writeFile(jar, 'jar')
    const one = await archiveFolder('33.0.0', 'java 17', [jar])
    expect(await archiveFolder('33.0.0', 'java 17', [jar])).toBe(one)
    expect(await archiveFolder('33.0.0', 'java 21', [jar])).not.toBe(one)
    await utimes(jar, new Date(), new Date(1_000_000))
    expect(await archiveFolder('33.0.0', 'java 17', [jar])).not.toBe(one)
  })
})

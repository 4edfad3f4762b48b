import { access, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { installTarballs, type Published, published } from './tarballs.ts'

/** What tests of the project `packed` get by `inject(…)`. */
interface Consumer {
  /** A folder outside the repository, where npm has installed all packed tarballs. */
  readonly consumer: string
  readonly published: readonly Published[]
}

declare module 'vitest' {
  interface ProvidedContext extends Consumer {}
}

/** One project with everything that is published, for all tests of what a user gets. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  for (const { tarball } of await published()) {
    await access(tarball).catch(() => {
      throw new Error(`${tarball} is missing; ./dev pack:check packs, and then runs these tests`)
    })
  }
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'druid-consumer-')))
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true })
  try {
    project.provide('published', await installTarballs(folder))
  } catch (error) {
    await remove()
    throw error
  }
  project.provide('consumer', folder)
  return remove
}

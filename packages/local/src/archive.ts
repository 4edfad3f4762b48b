import { createHash } from 'node:crypto'
import { access, copyFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './cache.ts'

/** What a JVM does with a class data archive: uses one, or writes one as it ends. */
export interface ArchiveUse {
  readonly flags: readonly string[]
  /** After the JVM ended cleanly: keeps the archive that it wrote. */
  keep(): Promise<void>
}

/** Which archives fit: the JVM refuses one made by another build or class path. */
export async function archiveFolder(
  version: string,
  javaBuild: string,
  classPath: readonly string[],
): Promise<string> {
  const facts = [javaBuild, ...classPath].join('\n')
  const key = createHash('sha256').update(facts).digest('hex').slice(0, 12)
  return cacheFolder('archives', `${version}-${key}`)
}

/**
 * Class data sharing: with an archive of its loaded classes a service starts in half the time. An
 * archive that does not fit or is damaged is ignored by the JVM (`-Xshare:auto`).
 */
export async function archiveUse(
  folder: string,
  service: string,
  dataDir: string,
): Promise<ArchiveUse> {
  const archive = join(folder, `${service}.jsa`)
  const quiet = ['-Xshare:auto', '-Xlog:disable', '-Xlog:all=error:stderr']
  const there = await access(archive).then(
    () => true,
    () => false,
  )
  if (there) return { flags: [...quiet, `-XX:SharedArchiveFile=${archive}`], async keep() {} }
  const own = join(dataDir, 'tmp', `${service}.jsa`)
  return {
    flags: [...quiet, `-XX:ArchiveClassesAtExit=${own}`],
    async keep() {
      // Copied beside its place, then renamed: the data folder may be on another file system.
      const part = `${archive}.${process.pid}`
      try {
        await copyFile(own, part)
        await rename(part, archive)
      } catch {
        await rm(part, { force: true })
      }
    },
  }
}

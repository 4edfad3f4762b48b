import { createHash, randomUUID } from 'node:crypto'
import { copyFile, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from './cache.ts'

/** What a JVM does with a class data archive: uses one, or writes one as it ends. */
export interface ArchiveUse {
  readonly flags: readonly string[]
  /** After the JVM ended cleanly: keeps the archive that it wrote. */
  keep(): Promise<void>
}

/**
 * Which archives fit: the JVM refuses one made by another build, by another class path, or by jars
 * that were replaced since.
 */
export async function archiveFolder(
  version: string,
  javaBuild: string,
  classPath: readonly string[],
): Promise<string> {
  const jars = await Promise.all(
    classPath.map(async (jar) => {
      const { size, mtimeMs } = await stat(jar)
      return `${jar} ${size} ${mtimeMs}`
    }),
  )
  const facts = [javaBuild, ...jars].join('\n')
  const key = createHash('sha256').update(facts).digest('hex').slice(0, 12)
  return cacheFolder('archives', `${version}-${key}`)
}

/** An earlier JVM does not know the option that writes one, and would not start. */
const FIRST_JAVA = 13

export interface ArchiveOptions {
  readonly dataDir: string
  readonly javaVersion: number
  /**
   * Writes none: for a second JVM that would write the same, or one whose class path goes on where
   * that of others ends, which can use theirs, but not they its.
   */
  readonly readOnly?: boolean
}

const NONE: ArchiveUse = { flags: [], async keep() {} }

/**
 * Class data sharing: with an archive of its loaded classes a service starts in half the time. An
 * archive that was cut short is made anew; one that is damaged otherwise is ignored by the JVM
 * (`-Xshare:auto`, and `VerifySharedSpaces`, without which it would crash).
 */
export async function archiveUse(
  folder: string,
  service: string,
  { dataDir, javaVersion, readOnly = false }: ArchiveOptions,
): Promise<ArchiveUse> {
  if (javaVersion < FIRST_JAVA) return NONE
  const quiet = ['-Xshare:auto', '-Xlog:disable', '-Xlog:all=error:stderr']
  const archive = await wholeArchive(folder, service)
  if (archive !== undefined) {
    const flags = [...quiet, '-XX:+VerifySharedSpaces', `-XX:SharedArchiveFile=${archive}`]
    return { flags, async keep() {} }
  }
  if (readOnly) return NONE
  const own = join(dataDir, 'tmp', `${service}.jsa`)
  await rm(own, { force: true })
  return {
    flags: [...quiet, `-XX:ArchiveClassesAtExit=${own}`],
    async keep() {
      // Copied beside its place, then renamed: the data folder may be on another file system.
      const part = join(folder, `${service}.${randomUUID()}`)
      try {
        await copyFile(own, part)
        const { size } = await stat(part)
        if ((await wholeArchive(folder, service)) === undefined) {
          await rename(part, join(folder, `${service}-${size}.jsa`))
        }
      } catch {
        // The next start does without.
      } finally {
        await rm(part, { force: true })
        await rm(own, { force: true })
      }
    },
  }
}

/** Its name tells its size, and so whether all of it is there. */
async function wholeArchive(folder: string, service: string): Promise<string | undefined> {
  for (const name of await readdir(folder)) {
    const size = new RegExp(`^${service}-(\\d+)\\.jsa$`).exec(name)?.[1]
    if (size === undefined) continue
    const file = join(folder, name)
    const found = await stat(file).catch(() => undefined)
    if (found?.size === Number(size)) return file
    await rm(file, { force: true })
  }
  return undefined
}

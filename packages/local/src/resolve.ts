import { createHash } from 'node:crypto'
import {
  access,
  copyFile,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { basename, delimiter, join } from 'node:path'
import { cacheFolder } from './cache.ts'
import { takeLock } from './lock.ts'
import { extensionPom, kafkaPom, servicesPom } from './pom.ts'
import { tool } from './prerequisites.ts'
import type { OnProgress } from './progress.ts'
import { run } from './run.ts'
import { checkVersion, KAFKA_VERSION } from './versions.ts'

/** The jars of a Druid. */
export interface Druid {
  readonly version: string
  /** Of `org.apache.druid.cli.Main`, and of ZooKeeper. */
  readonly jars: readonly string[]
  /** `druid.extensions.directory`. */
  readonly extensionsFolder: string
}

/** Another process may be downloading the same. */
const WAIT_FOR_OTHER = 20 * 60_000

/** Druid's jars in a distribution: `lib/` and `extensions/`. */
export async function distribution(home: string, extensions: readonly string[]): Promise<Druid> {
  const lib = join(home, 'lib')
  const names = (await readdir(lib)).filter((name) => name.endsWith('.jar')).sort()
  const version = names.map((name) => /^druid-services-(.+)\.jar$/.exec(name)?.[1]).find(Boolean)
  if (version === undefined) throw new Error(`${lib} holds no druid-services jar`)
  const extensionsFolder = join(home, 'extensions')
  const there = await readdir(extensionsFolder)
  for (const name of extensions) {
    if (!there.includes(name)) {
      throw new Error(`${home} has no extension "${name}"; it has ${there.sort().join(', ')}`)
    }
  }
  return { version, jars: names.map((name) => join(lib, name)), extensionsFolder }
}

/**
 * Druid's jars by Maven, in the user's own repository and by the user's own settings. What was
 * resolved once is not asked for again, as long as its jars are there.
 */
export async function resolveDruid(
  version: string,
  extensions: readonly string[],
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<Druid> {
  const known = checkVersion(version, extensions)
  const folder = await cacheFolder('jars', version)
  return locked(folder, `Druid ${version}`, onProgress, signal, async () => {
    const pom = servicesPom(version, known)
    const jars = await classPath(folder, 'druid', [], pom, onProgress, signal)
    const extensionsFolder = join(folder, 'extensions')
    await mkdir(extensionsFolder, { recursive: true })
    for (const name of extensions) {
      const own = extensionPom(version, name, known)
      const more = await classPath(folder, name, jars, own, onProgress, signal)
      await linkExtension(join(extensionsFolder, name), more)
    }
    return { version, jars, extensionsFolder }
  })
}

/** The jars of a Kafka broker, likewise. */
export async function resolveKafka(
  onProgress: OnProgress,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const folder = await cacheFolder('jars', `kafka-${KAFKA_VERSION}`)
  return locked(folder, `Kafka ${KAFKA_VERSION}`, onProgress, signal, () =>
    classPath(folder, 'kafka', [], kafkaPom(KAFKA_VERSION), onProgress, signal),
  )
}

/** Works on a folder of class paths while nobody else does. */
async function locked<T>(
  folder: string,
  what: string,
  onProgress: OnProgress,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const lock = await takeLock(join(folder, 'lock'), `the cache of jars of ${what}`, {
    wait: WAIT_FOR_OTHER,
    signal,
    onWait({ pid }) {
      const message = `waiting for process ${pid}, which resolves the jars of ${what}`
      onProgress({ step: 'resolve', message })
    },
  })
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

async function classPath(
  folder: string,
  name: string,
  without: readonly string[],
  pom: string,
  onProgress: OnProgress,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const key = createHash('sha256').update(pom).digest('hex').slice(0, 12)
  const file = join(folder, `${name}-${key}.classpath`)
  const known = await readFile(file, 'utf8').catch(() => '')
  if (known !== '' && (await allThere(known.split('\n')))) return known.split('\n')
  onProgress({ step: 'resolve', message: `resolving the jars of ${name} with Maven` })
  const work = join(folder, `${name}-${key}`)
  await mkdir(work, { recursive: true })
  await writeFile(join(work, 'pom.xml'), pom)
  const goal = [
    'dependency:build-classpath',
    '-DincludeScope=runtime',
    '-Dmdep.outputFile=classpath',
  ]
  let count = 0
  const ran = await run(tool('', 'mvn'), ['-B', ...goal], {
    cwd: work,
    signal,
    onLine(line) {
      if (!/Downloaded from .*\.jar/.test(line)) return
      count += 1
      onProgress({ step: 'resolve', message: `downloading the jars of ${name}`, done: count })
    },
  })
  if (ran.code !== 0) throw new Error(mavenFailure(name, ran.output))
  const all = (await readFile(join(work, 'classpath'), 'utf8')).trim().split(delimiter)
  // Of an extension only what Druid itself does not have, as in a distribution.
  const present = new Set(without.map((jar) => basename(jar)))
  const jars = all.filter((jar) => !present.has(basename(jar)))
  const part = `${file}.${process.pid}`
  await writeFile(part, jars.join('\n'))
  await rename(part, file)
  await rm(work, { recursive: true, force: true })
  return jars
}

function mavenFailure(name: string, output: string): string {
  const errors = output.split('\n').filter((line) => line.startsWith('[ERROR]'))
  const shown = (errors.length > 0 ? errors : output.split('\n').slice(-20)).slice(0, 15)
  return `Maven could not resolve the jars of ${name}. It says:\n${shown.join('\n')}`
}

async function allThere(files: readonly string[]): Promise<boolean> {
  const found = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  )
  return found.every(Boolean)
}

/** Druid loads an extension from a folder of its jars. */
async function linkExtension(folder: string, jars: readonly string[]): Promise<void> {
  const there = await readdir(folder).catch(() => [])
  const wanted = jars.map((jar) => basename(jar)).sort()
  // A running Druid may be reading it.
  if (
    there.sort().join() === wanted.join() &&
    (await allThere(wanted.map((jar) => join(folder, jar))))
  )
    return
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  for (const jar of jars) {
    const place = join(folder, basename(jar))
    // Not everybody may make links on every system.
    await symlink(jar, place).catch(() => copyFile(jar, place))
  }
}

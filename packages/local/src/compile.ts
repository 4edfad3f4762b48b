import { createHash } from 'node:crypto'
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { cacheFolder } from './cache.ts'
import { type Prerequisites, tool } from './prerequisites.ts'
import { run } from './run.ts'

/** A Java class of ours, in the default package. */
export interface JavaClass {
  readonly name: string
  readonly source: string
  /** What it is compiled against. */
  readonly classPath?: readonly string[]
  /** The interface as whose implementation Java's `ServiceLoader` finds it. */
  readonly provides?: string
}

/** The jar of a class, compiled on first use: class data sharing wants a class path of jars. */
export async function compiledJar(
  { name, source, classPath = [], provides }: JavaClass,
  { javaBin, javaBuild }: Pick<Prerequisites, 'javaBin' | 'javaBuild'>,
): Promise<string> {
  const facts = [source, javaBuild, provides ?? '', ...classPath].join('\n')
  const key = createHash('sha256').update(facts).digest('hex').slice(0, 12)
  const folder = await cacheFolder('classes')
  const jar = join(folder, `${name}-${key}.jar`)
  const there = await access(jar).then(
    () => true,
    () => false,
  )
  if (there) return jar
  const work = await mkdtemp(join(folder, 'work-'))
  try {
    await writeFile(join(work, `${name}.java`), source)
    const classes = join(work, 'classes')
    const path = classPath.length === 0 ? [] : ['-cp', classPath.join(delimiter)]
    const javac = ['-proc:none', '-d', 'classes', ...path, `${name}.java`]
    await succeed(tool(javaBin, 'javac'), javac, work)
    if (provides !== undefined) {
      await mkdir(join(classes, 'META-INF', 'services'), { recursive: true })
      await writeFile(join(classes, 'META-INF', 'services', provides), `${name}\n`)
    }
    await succeed(tool(javaBin, 'jar'), ['cf', 'classes.jar', '-C', classes, '.'], work)
    await rename(join(work, 'classes.jar'), jar)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return jar
}

async function succeed(command: string, args: readonly string[], cwd: string): Promise<void> {
  const { code, output } = await run(command, args, { cwd })
  if (code !== 0) throw new Error(`${command} could not compile what a start needs:\n${output}`)
}

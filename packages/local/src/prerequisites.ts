import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './run.ts'

/** The Java that Druid will run on. */
export interface Prerequisites {
  /** Folder of `java`, `javac` and `jar`; empty when they are on the PATH. */
  readonly javaBin: string
  /** E.g. 17. */
  readonly javaVersion: number
  /** The whole version line, which tells builds apart. */
  readonly javaBuild: string
  /** What may go wrong with what was found. */
  readonly warnings: readonly string[]
}

/** Druid supports this one in all versions that start from Maven. */
const WANTED_JAVA = 17

/** Druid's classes are compiled for this one: an earlier one cannot load them. */
const OLDEST_JAVA = 11

/**
 * Finds what a start needs before it takes any time: a JDK (`JAVA_HOME`, else the PATH), and Maven
 * unless there is a distribution (`home`). The error names all that is missing, the command that
 * installs it, and the ways without it. Aborting ends it with the signal's reason.
 */
export async function checkPrerequisites(
  options: { readonly home?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<Prerequisites> {
  const { home, signal } = options
  const javaHome = process.env.JAVA_HOME
  const javaBin = javaHome ? join(javaHome, 'bin') : ''
  const where = javaHome ? ` in JAVA_HOME=${javaHome}` : ''
  const missing: string[] = []
  const warnings: string[] = []
  const java = await versionOf(tool(javaBin, 'java'), ['-version'], signal)
  const javac = await versionOf(tool(javaBin, 'javac'), ['-version'], signal)
  const javaVersion = Number(/version "(?:1\.)?(\d+)/.exec(java ?? '')?.[1] ?? 0)
  if (java === undefined || javac === undefined) {
    missing.push(
      `a JDK ${WANTED_JAVA} (${java === undefined ? 'java' : 'javac'} was not found${where})`,
    )
  } else if (javaVersion < OLDEST_JAVA) {
    missing.push(`a JDK ${WANTED_JAVA} (found ${versionLine(java)}${where})`)
  } else if (javaVersion !== WANTED_JAVA) {
    warnings.push(
      `Druid is known to run on JDK ${WANTED_JAVA}; this is ${javaVersion}, which may fail`,
    )
  }
  if (home !== undefined) await checkHome(home)
  else if ((await versionOf(tool('', 'mvn'), ['-v'], signal)) === undefined) {
    missing.push('Maven (mvn)')
  }
  if (missing.length > 0) throw new Error(missingMessage(missing))
  return { javaBin, javaVersion, javaBuild: java ?? '', warnings }
}

export function tool(bin: string, name: string): string {
  return bin === '' ? name : join(bin, name)
}

async function checkHome(home: string): Promise<void> {
  for (const folder of ['lib', 'extensions']) {
    await access(join(home, folder)).catch((cause: unknown) => {
      throw new Error(
        `${home} is no unpacked Druid distribution: it has no folder "${folder}" (DRUID_HOME, or "home")`,
        { cause },
      )
    })
  }
}

function missingMessage(missing: readonly string[]): string {
  return [
    `To start Druid here, this is missing: ${missing.join(' and ')}. It comes with`,
    '  Debian, Ubuntu:  apt-get install openjdk-17-jdk-headless maven',
    '  Fedora:          dnf install java-17-openjdk-devel maven',
    '  macOS:           brew install openjdk@17 maven',
    '                   export JAVA_HOME="$(brew --prefix openjdk@17)"',
    '  Windows:         choco install temurin17 maven',
    'or do without: DRUID_HOME=<unpacked distribution>, or the option "home", needs no Maven, and',
    'DRUID_URL=<a running cluster>, for ./dev quickstart, needs neither.',
  ].join('\n')
}

async function versionOf(
  command: string,
  args: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const ran = await run(command, args, { signal }).catch(() => undefined)
  // Ctrl-C on a terminal ends what is asked as well, which is then not missing.
  signal?.throwIfAborted()
  return ran?.code === 0 ? ran.output.trim() : undefined
}

/** Before it there may be a line about options from the environment. */
function versionLine(text: string): string {
  return text.split('\n').find((line) => line.includes('version')) ?? text
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type FileHandle, open, readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { ArchiveUse } from './archive.ts'
import { LEASH_CLASS } from './leash.ts'
import { tool } from './prerequisites.ts'

/** A running JVM of a cluster. */
export interface Jvm {
  readonly name: string
  readonly pid: number
  readonly logFile: string
  /** Resolves with the exit code, or the signal's name, once it has ended. */
  readonly exit: Promise<number | string>
  hasEnded(): boolean
  /** Asks it to end; after `grace` milliseconds ends it. Resolves when it is gone. */
  stop(grace: number): Promise<void>
  /** Ends it at once (SIGKILL). Resolves when it is gone. */
  kill(): Promise<void>
  /** The last lines of its log, without the frames of stack traces. */
  logTail(lines: number): Promise<string>
}

export interface JvmSpec {
  readonly name: string
  readonly javaBin: string
  readonly classPath: readonly string[]
  readonly mainClass: string
  readonly args: readonly string[]
  readonly heap: string
  readonly flags: readonly string[]
  readonly archive: ArchiveUse
  readonly dataDir: string
  /** How long it outlives a parent that vanished. */
  readonly leashDelay: number
}

/** Where the Derby of a JVM says what happens to it. */
export function derbyLog(dataDir: string, name: string): string {
  return join(dataDir, 'log', `derby-${name}.log`)
}

export function logFileOf(dataDir: string, name: string): string {
  return join(dataDir, 'log', `${name}.log`)
}

/** Class paths, say, fill pages. */
const LONGEST_LINE = 500

/** A shutdown that takes longer than this hangs. Writing a class data archive is part of it. */
const SHUTDOWN_GRACE = 40_000

/** As in Druid's own launch scripts for Java 17. */
export const MODULE_FLAGS: readonly string[] = [
  '--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED',
  '--add-exports=java.base/jdk.internal.ref=ALL-UNNAMED',
  '--add-opens=java.base/java.io=ALL-UNNAMED',
  '--add-opens=java.base/java.lang=ALL-UNNAMED',
  '--add-opens=java.base/java.nio=ALL-UNNAMED',
  '--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED',
  '--add-opens=java.base/sun.nio.ch=ALL-UNNAMED',
  '--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED',
]

export async function startJvm(spec: JvmSpec): Promise<Jvm> {
  const logFile = logFileOf(spec.dataDir, spec.name)
  const log: FileHandle = await open(logFile, 'a')
  let child: ChildProcess
  try {
    child = spawn(tool(spec.javaBin, 'java'), javaArguments(spec), {
      cwd: spec.dataDir,
      stdio: ['pipe', log.fd, log.fd],
      // Or Ctrl-C would reach ZooKeeper too, and a service never ends without it.
      detached: process.platform !== 'win32',
      windowsHide: true,
    })
  } finally {
    await log.close()
  }
  // A program that forgets to stop it can still end; the leash then ends the JVM.
  child.unref()
  const leash = child.stdin
  ;(leash as unknown as { unref?: () => void } | null)?.unref?.()
  leash?.on('error', () => {})
  const { pid } = child
  if (pid === undefined) {
    const [error] = await once(child, 'error')
    throw new Error(`${spec.name} could not be started`, { cause: error })
  }
  let over = false
  const exit = new Promise<number | string>((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  }).finally(() => {
    over = true
  })
  return {
    name: spec.name,
    pid,
    logFile,
    exit,
    hasEnded: () => over,
    async stop(grace) {
      // While we wait for it, it keeps this process up.
      child.ref()
      leash?.end('q')
      const timer = setTimeout(() => child.kill('SIGKILL'), grace)
      await exit
      clearTimeout(timer)
    },
    async kill() {
      child.ref()
      child.kill('SIGKILL')
      await exit
    },
    async logTail(lines) {
      const text = await readFile(logFile, 'utf8').catch(() => '')
      // Frames of a Java stack say where; the lines between them say what.
      const telling = text.split('\n').filter((line) => !/^\s*(at |\.\.\. \d|$)/.test(line))
      return telling
        .slice(-lines)
        .map((line) => line.slice(0, LONGEST_LINE))
        .join('\n')
    },
  }
}

function javaArguments(spec: JvmSpec): string[] {
  return [
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-XX:MaxDirectMemorySize=600m',
    '-XX:+ExitOnOutOfMemoryError',
    '-XX:-UsePerfData',
    `-Xmx${spec.heap}`,
    ...spec.archive.flags,
    ...MODULE_FLAGS,
    '-Duser.timezone=UTC',
    '-Dfile.encoding=UTF-8',
    `-Djava.io.tmpdir=${join(spec.dataDir, 'tmp')}`,
    `-Dderby.stream.error.file=${derbyLog(spec.dataDir, spec.name)}`,
    `-Dlog4j.configurationFile=${join(spec.dataDir, 'conf', 'log4j2.xml')}`,
    ...spec.flags,
    '-cp',
    spec.classPath.join(delimiter),
    LEASH_CLASS,
    String(spec.leashDelay),
    String(SHUTDOWN_GRACE),
    spec.mainClass,
    ...spec.args,
  ]
}

import { randomBytes } from 'node:crypto'
import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { archiveFolder, archiveUse } from './archive.ts'
import { compiledJar } from './compile.ts'
import { takeDataFolder } from './data-folder.ts'
import { type Jvm, logFileOf, startJvm } from './jvm.ts'
import { kafkaClient } from './kafka-client.ts'
import { LEASH } from './leash.ts'
import { choosePorts } from './ports.ts'
import { checkPrerequisites, type Prerequisites, tool } from './prerequisites.ts'
import { processId } from './process.ts'
import type { OnProgress } from './progress.ts'
import { untilReady } from './ready.ts'
import { resolveKafka } from './resolve.ts'
import { run } from './run.ts'
import { type Properties, propertiesFile } from './services.ts'
import { KAFKA_VERSION } from './versions.ts'

export interface KafkaOptions {
  /** Default: a free one. */
  readonly port?: number | undefined
  /** Folder of topics, configuration and log, kept for the next start. Default: a temporary one. */
  readonly dataDir?: string | undefined
  /** Further properties of the broker, which override those that a start sets. */
  readonly properties?: Properties | undefined
  /** Milliseconds until it must be up, once started. Default 60,000. */
  readonly timeout?: number | undefined
  readonly onProgress?: OnProgress | undefined
  /** Aborting ends a start under way. */
  readonly signal?: AbortSignal | undefined
}

export interface ProduceOptions<Value> {
  /** The key of a record, by which Kafka chooses its partition. Default: none. */
  readonly key?: ((value: Value) => string) | undefined
}

/** A Kafka that runs on this machine. */
export interface LocalKafka extends AsyncDisposable {
  readonly version: string
  /** `bootstrap.servers` of its clients, such as a supervisor: `127.0.0.1:<port>`. */
  readonly bootstrapServers: string
  readonly pid: number
  readonly dataDir: string
  /** Its log file. */
  readonly log: string
  /** Makes a topic. @throws Error when there is one of that name. */
  createTopic(name: string, options?: { readonly partitions?: number | undefined }): Promise<void>
  /**
   * Appends a record for each value to a topic, which is made if there is none: strings and bytes as
   * they are, all else as JSON. Resolves when the broker has them all.
   */
  produce<Value>(
    topic: string,
    values: Iterable<Value>,
    options?: ProduceOptions<Value>,
  ): Promise<void>
  /** Stops it; a second call waits for the same. */
  stop(): Promise<void>
}

const NAME = 'kafka'
const HOST = '127.0.0.1'
const STOP_GRACE = 30_000

/**
 * Starts a Kafka broker (3.9, KRaft, one node) from the jars that Maven resolves, for Druid's
 * `druid-kafka-indexing-service`. When this process ends, so does it. Stop Druid first: what reads
 * from a Kafka that is gone waits for it.
 *
 * @throws Error naming what is missing, the data folder or port that is in use, or what Kafka logged
 * last; nothing is left running then.
 */
export async function startKafka(options: KafkaOptions = {}): Promise<LocalKafka> {
  const onProgress: OnProgress = options.onProgress ?? (() => {})
  const { signal } = options
  const found = await checkPrerequisites({ signal })
  for (const message of found.warnings) onProgress({ step: 'warning', message })
  const folder = await takeDataFolder(options.dataDir)
  const dataDir = folder.path
  let jvm: Jvm | undefined
  try {
    const jars = await resolveKafka(onProgress, signal)
    const given = options.port === undefined ? {} : { broker: options.port }
    const ports = await choosePorts(given, ['broker', 'controller'])
    for (const name of ['conf', 'log', 'tmp']) await mkdir(join(dataDir, name), { recursive: true })
    const properties = { ...kafkaProperties(dataDir, ports), ...options.properties }
    const file = join(dataDir, 'conf', 'kafka.properties')
    await writeFile(file, propertiesFile(properties))
    await format(found, jars, { dataDir, file, signal })
    await rm(logFileOf(dataDir, NAME), { force: true })

    const classPath = [await compiledJar(LEASH, found), ...jars]
    const archives = await archiveFolder(`${NAME}-${KAFKA_VERSION}`, found.javaBuild, classPath)
    const archive = await archiveUse(archives, NAME, { dataDir, javaVersion: found.javaVersion })
    onProgress({ step: 'start', message: 'starting Kafka' })
    const started = await startJvm({
      name: NAME,
      javaBin: found.javaBin,
      classPath,
      mainClass: 'kafka.Kafka',
      args: [file],
      heap: '512m',
      flags: ['-Dorg.slf4j.simpleLogger.showDateTime=true'],
      archive,
      dataDir,
      leashDelay: 0,
    })
    jvm = started
    await folder.lock.record([await processId(started.pid)])
    const expected = { jvm: started, roles: [], port: ports.broker, url: undefined, since: 0 }
    const timeout = options.timeout ?? 60_000
    await untilReady([expected], { askUrls: [], timeout, dataDir, headers: {}, onProgress, signal })
    const bootstrapServers = `${HOST}:${ports.broker}`
    onProgress({ step: 'ready', message: `Kafka ${KAFKA_VERSION} answers at ${bootstrapServers}` })

    const client = await compiledJar(kafkaClient(jars), found)
    const call = async (args: readonly string[], input = ''): Promise<void> => {
      await runJava(found, [client, ...jars], 'DruidLocalKafka', [bootstrapServers, ...args], input)
    }
    let stopping: Promise<void> | undefined
    const stop = async (): Promise<void> => {
      onProgress({ step: 'stop', message: 'stopping Kafka' })
      await started.stop(STOP_GRACE)
      if ((await started.exit) === 0) await archive.keep()
      await folder.release()
    }
    const stopOnce = (): Promise<void> => {
      stopping ??= stop()
      return stopping
    }
    return {
      version: KAFKA_VERSION,
      bootstrapServers,
      pid: started.pid,
      dataDir,
      log: started.logFile,
      createTopic: (name, { partitions = 1 } = {}) => call(['create', name, String(partitions)]),
      produce: (topic, values, produced = {}) =>
        call(['produce', topic], records(values, produced)),
      stop: stopOnce,
      [Symbol.asyncDispose]: stopOnce,
    }
  } catch (error) {
    await jvm?.stop(3_000)
    await folder.release()
    throw signal?.aborted ? signal.reason : error
  }
}

function kafkaProperties(
  dataDir: string,
  { broker, controller }: Readonly<Record<string, number>>,
): Properties {
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    listeners: `PLAINTEXT://${HOST}:${broker},CONTROLLER://${HOST}:${controller}`,
    'advertised.listeners': `PLAINTEXT://${HOST}:${broker}`,
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': `1@${HOST}:${controller}`,
    'log.dirs': join(dataDir, 'topics'),
    // There is one broker.
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
  }
}

/** What Kafka wants of a folder before its first start. */
async function format(
  found: Prerequisites,
  jars: readonly string[],
  { dataDir, file, signal }: { dataDir: string; file: string; signal: AbortSignal | undefined },
): Promise<void> {
  const there = await access(join(dataDir, 'topics', 'meta.properties')).then(
    () => true,
    () => false,
  )
  if (there) return
  // No id may begin with a hyphen, which an option does.
  const id = `A${randomBytes(16).toString('base64url').slice(1)}`
  await runJava(
    found,
    jars,
    'kafka.tools.StorageTool',
    ['format', '-t', id, '-c', file],
    '',
    signal,
  )
}

async function runJava(
  { javaBin }: Prerequisites,
  classPath: readonly string[],
  mainClass: string,
  args: readonly string[],
  input: string,
  signal?: AbortSignal,
): Promise<void> {
  const flags = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx256m']
  const java = [...flags, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn']
  const all = [...java, '-cp', classPath.join(delimiter), mainClass, ...args]
  const { code, output } = await run(tool(javaBin, 'java'), all, { input, signal })
  if (code === 0) return
  const asked = args.filter((it) => !it.startsWith(HOST)).join(' ')
  // Frames of a Java stack say where; the lines between them say what.
  const telling = output.split('\n').filter((line) => !/^\s*(at |$)/.test(line))
  throw new Error(`Kafka did not do this: ${asked}. It says:\n${telling.slice(-10).join('\n')}`)
}

/** As `kafka-client.ts` reads them. */
function records<Value>(values: Iterable<Value>, { key }: ProduceOptions<Value>): string {
  const lines: string[] = []
  for (const value of values) {
    const bytes =
      typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value)
    lines.push(`${key ? base64(key(value)) : ''} ${base64(bytes)}\n`)
  }
  return lines.join('')
}

function base64(value: string | Uint8Array): string {
  return Buffer.from(value as string).toString('base64')
}

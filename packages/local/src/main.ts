#!/usr/bin/env node
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { defaultDataDir, findDetached, keep, startDetached, stopDetached } from './detached.ts'
import { drawProgress } from './draw.ts'
import { PORT_NAMES, type Ports } from './ports.ts'
import { type StartOptions, startDruid } from './start.ts'

const HELP = `druid-local: a real Apache Druid on this machine

  druid-local start [options]     starts one that goes on in the background
  druid-local stop                stops it
  druid-local status              says where it is
  druid-local logs [service]      prints a service's log: ${['coordinator', 'broker', 'historical', 'router', 'indexer', 'zookeeper'].join(', ')}

Options of start
  --version <version>             default 33.0.0
  --extension <name>              a Druid extension to load; may be repeated
  --home <folder>                 an unpacked distribution, instead of Maven (or DRUID_HOME)
  --port-router <port>            likewise --port-broker and so on; default: free ones
  --property <key=value>          a Druid property for all services; may be repeated
  --foreground                    stay, and stop the cluster with Ctrl-C
Of all
  --data-dir <folder>             which cluster; default ${defaultDataDir()}
Of logs
  --follow                        go on printing what comes
`

const portOptions = Object.fromEntries(
  PORT_NAMES.map((name) => [`port-${name}`, { type: 'string' as const }]),
)

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      version: { type: 'string' },
      extension: { type: 'string', multiple: true },
      home: { type: 'string' },
      property: { type: 'string', multiple: true },
      foreground: { type: 'boolean' },
      'data-dir': { type: 'string' },
      follow: { type: 'boolean' },
      ...portOptions,
    },
  })
  const [command, ...rest] = positionals
  const dataDir = values['data-dir'] ?? defaultDataDir()
  if (values.help || command === undefined) process.stdout.write(HELP)
  else if (command === 'start') await start(values, dataDir)
  else if (command === 'stop') await stop(dataDir)
  else if (command === 'status') await status(dataDir)
  else if (command === 'logs') await logs(dataDir, rest[0], values.follow ?? false)
  else if (command === 'keep' && process.send) await keep()
  else throw new Error(`there is no command "${command}"; see druid-local --help`)
}

type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>

async function start(values: Values, dataDir: string): Promise<void> {
  const running = await findDetached(dataDir)
  if (running) throw new Error(`a cluster runs there already: ${running.routerUrl}`)
  const abort = new AbortController()
  process.once('SIGINT', () => abort.abort(new Error('stopped by Ctrl-C')))
  process.once('SIGTERM', () => abort.abort(new Error('stopped')))
  const options: StartOptions = {
    version: values.version as string | undefined,
    extensions: values.extension as readonly string[] | undefined,
    home: (values.home as string | undefined) ?? (process.env.DRUID_HOME || undefined),
    ports: portsOf(values),
    properties: propertiesOf((values.property as readonly string[] | undefined) ?? []),
    dataDir,
    onProgress: drawProgress(),
    signal: abort.signal,
  }
  if (!values.foreground) {
    const druid = await startDetached(options)
    process.stdout.write(`Router: ${druid.routerUrl}\nLogs:   ${druid.logs}\n`)
    process.stdout.write(`Stop:   druid-local stop${ownFolder(dataDir)}\n`)
    return
  }
  await using druid = await startDruid(options)
  process.stdout.write(`Router: ${druid.routerUrl}\nCtrl-C stops it.\n`)
  while (!abort.signal.aborted) await sleep(3_600_000, undefined, abort).catch(() => {})
}

function portsOf(values: Values): Partial<Ports> {
  const given = PORT_NAMES.flatMap((name) => {
    const value = values[`port-${name}`]
    return value === undefined ? [] : [[name, Number(value)]]
  })
  return Object.fromEntries(given) as Partial<Ports>
}

function propertiesOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const split = pair.indexOf('=')
      if (split < 1) throw new Error(`--property is <key>=<value>, not "${pair}"`)
      return [pair.slice(0, split), pair.slice(split + 1)]
    }),
  )
}

async function stop(dataDir: string): Promise<void> {
  const stopped = await stopDetached(dataDir)
  process.stdout.write(stopped ? 'stopped\n' : `no cluster runs in ${dataDir}\n`)
}

async function status(dataDir: string): Promise<void> {
  const druid = await findDetached(dataDir)
  if (druid === undefined) {
    process.stdout.write(`no cluster runs in ${dataDir}\n`)
    process.exitCode = 3
    return
  }
  process.stdout.write(`Druid ${druid.version}, kept by process ${druid.keeper.pid}\n`)
  for (const { name, url, port, pid } of druid.services) {
    process.stdout.write(
      `${name.padEnd(12)} ${(url ?? `port ${port}`).padEnd(24)} process ${pid}\n`,
    )
  }
}

async function logs(dataDir: string, service: string | undefined, follow: boolean): Promise<void> {
  const file = join(dataDir, 'log', `${service ?? 'router'}.log`)
  if (!/^[a-z]+$/.test(service ?? 'router')) throw new Error(`there is no service "${service}"`)
  if (!follow) {
    process.stdout.write(await readFile(file))
    return
  }
  const log = await open(file)
  for (;;) {
    for await (const chunk of log.createReadStream({ autoClose: false }))
      process.stdout.write(chunk)
    await sleep(500)
  }
}

function ownFolder(dataDir: string): string {
  return dataDir === defaultDataDir() ? '' : ` --data-dir ${dataDir}`
}

main().catch((error: unknown) => {
  process.stderr.write(`druid-local: ${(error as Error).message}\n`)
  process.exitCode = 1
})

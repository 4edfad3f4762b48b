#!/usr/bin/env node
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Command, HELP, readArguments } from './arguments.ts'
import { userOf } from './data-folder.ts'
import {
  type DetachedDruid,
  defaultDataDir,
  findDetached,
  keep,
  startDetached,
  stopDetached,
} from './detached.ts'
import { drawProgress } from './draw.ts'
import { type StartOptions, startDruid } from './start.ts'

async function main(): Promise<void> {
  const command = readArguments(process.argv.slice(2))
  const dataDir = command.dataDir ?? defaultDataDir()
  if (command.help || command.name === undefined) process.stdout.write(HELP)
  else if (command.name === 'start') await start(command, dataDir)
  else if (command.name === 'stop') await stop(dataDir)
  else if (command.name === 'status') await status(dataDir)
  else if (command.name === 'logs') await logs(dataDir, command)
  else if (process.send) await keep()
  else throw new Error('"keep" is for druid-local itself; use "start"')
}

async function start(command: Command, dataDir: string): Promise<void> {
  const running = await findDetached(dataDir)
  if (running) throw new Error(`a cluster runs there already: ${running.routerUrl}`)
  const abort = new AbortController()
  process.once('SIGINT', () => abort.abort(new Error('stopped by Ctrl-C')))
  process.once('SIGTERM', () => abort.abort(new Error('stopped')))
  const { version, extensions, ports, properties, tls, services } = command
  const options: StartOptions = {
    version,
    extensions,
    ports,
    properties,
    tls,
    services,
    hosts: command.hosts as StartOptions['hosts'],
    home: command.home ?? (process.env.DRUID_HOME || undefined),
    dataDir,
    onProgress: drawProgress(),
    signal: abort.signal,
  }
  if (!command.foreground) {
    const druid = await startDetached(options)
    process.stdout.write(`Router: ${druid.routerUrl}\n${httpsOf(druid)}Logs:   ${druid.logs}\n`)
    process.stdout.write(`Stop:   druid-local stop${ownFolder(dataDir)}\n`)
    return
  }
  await using druid = await startDruid(options)
  process.stdout.write(`Router: ${druid.routerUrl}\n${httpsOf(druid)}Ctrl-C stops it.\n`)
  while (!abort.signal.aborted) await sleep(3_600_000, undefined, abort).catch(() => {})
}

async function stop(dataDir: string): Promise<void> {
  const stopped = await stopDetached(dataDir)
  process.stdout.write(stopped ? 'stopped\n' : `no cluster runs in ${dataDir}\n`)
}

async function status(dataDir: string): Promise<void> {
  const druid = await findDetached(dataDir)
  if (druid === undefined) {
    const user = await userOf(dataDir)
    if (user === undefined) process.exitCode = 3
    process.stdout.write(
      user === undefined
        ? `no cluster runs in ${dataDir}\n`
        : `process ${user.pid} has a cluster in ${dataDir}: starting, or in its foreground\n`,
    )
    return
  }
  process.stdout.write(`Druid ${druid.version}, kept by process ${druid.keeper.pid}\n`)
  for (const { name, url, port, pid } of druid.services) {
    const answers = url === undefined || (await isHealthy(url))
    const where = `${name.padEnd(14)} ${(url ?? `port ${port}`).padEnd(24)} process ${pid}`
    process.stdout.write(`${where}${answers ? '' : '  does not answer'}\n`)
    if (!answers) process.exitCode = 1
  }
}

function isHealthy(url: string): Promise<boolean> {
  return fetch(`${url}/status/health`, { signal: AbortSignal.timeout(5_000) }).then(
    ({ ok }) => ok,
    () => false,
  )
}

async function logs(dataDir: string, { service, follow }: Command): Promise<void> {
  const file = join(dataDir, 'log', `${service}.log`)
  // Whoever reads it, `head` say, may have had enough.
  process.stdout.on('error', () => process.exit())
  if (!follow) {
    const text = await readFile(file).catch((cause: unknown) => {
      throw new Error(`there is no log ${file}; nothing was started there yet`, { cause })
    })
    process.stdout.write(text)
    return
  }
  const log = await open(file)
  for (;;) {
    for await (const chunk of log.createReadStream({ autoClose: false }))
      process.stdout.write(chunk)
    await sleep(500)
  }
}

function httpsOf({ tls }: Pick<DetachedDruid, 'tls'>): string {
  return tls === undefined ? '' : `HTTPS:  ${tls.routerUrl}, by the authority ${tls.ca}\n`
}

function ownFolder(dataDir: string): string {
  return dataDir === defaultDataDir() ? '' : ` --data-dir '${dataDir}'`
}

main().catch((error: unknown) => {
  process.stderr.write(`druid-local: ${(error as Error).message}\n`)
  process.exitCode = 1
})

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  access,
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { findDetached, type LocalDruid, startDruid } from '@druid/local'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { holderOf } from '../../src/lock.ts'
import { isRunning, type ProcessId, processId } from '../../src/process.ts'

const run = promisify(execFile)
const home = process.env.DRUID_HOME || undefined
const folder = await mkdtemp(join(tmpdir(), 'lifecycle-test-'))
const dataDir = join(folder, 'data')
const cache = join(folder, 'cache', 'druid-local')
const temporary = join(folder, 'tmp')
await mkdir(temporary)
// So that nothing is there from before, and nothing of other clusters.
vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'))
vi.stubEnv('TMPDIR', temporary)
afterAll(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')

async function sql(url: string, query: string): Promise<unknown> {
  const response = await fetch(`${url}/druid/v2/sql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, resultFormat: 'array' }),
  })
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}

async function load(url: string, dataSource: string): Promise<void> {
  const data = '{"t":"2024-01-01T00:00:00Z","n":1}\n{"t":"2024-01-02T00:00:00Z","n":2}'
  const response = await fetch(`${url}/druid/indexer/v1/task`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      type: 'index_parallel',
      spec: {
        dataSchema: {
          dataSource,
          timestampSpec: { column: 't', format: 'iso' },
          dimensionsSpec: { dimensions: [{ type: 'long', name: 'n' }] },
          granularitySpec: { segmentGranularity: 'DAY', rollup: false },
        },
        ioConfig: {
          type: 'index_parallel',
          inputSource: { type: 'inline', data },
          inputFormat: { type: 'json' },
        },
      },
    }),
  })
  expect(response.status).toBe(200)
}

function total(url: string): Promise<unknown> {
  return sql(url, 'SELECT COUNT(*), SUM(n) FROM kept').catch(() => 'not yet')
}

async function expectData(url: string): Promise<void> {
  await expect.poll(() => total(url), { timeout: 60_000 }).toEqual([[2, 3]])
}

function idsOf(druid: LocalDruid): Promise<ProcessId[]> {
  return Promise.all(druid.services.map(({ pid }) => processId(pid)))
}

async function running(ids: readonly ProcessId[]): Promise<number> {
  return (await Promise.all(ids.map(isRunning))).filter(Boolean).length
}

/** JVMs whose command line names the folder. */
async function javasOf(path: string): Promise<number> {
  const { stdout } = await run('ps', ['-e', '-ww', '-o', 'args='])
  return stdout.split('\n').filter((line) => line.includes('java') && line.includes(path)).length
}

/** Addresses that a process listens at; elsewhere than on Linux nothing is told. */
async function listening(pid: number): Promise<string[]> {
  const { stdout } = await run('ss', ['-ltnpH']).catch(() => ({ stdout: '' }))
  const lines = stdout.split('\n').filter((line) => line.includes(`pid=${pid},`))
  return lines.map((line) => line.trim().split(/\s+/)[3] ?? '')
}

describe('a Druid on this machine', () => {
  it('keeps its data from one start to the next, and leaves nothing behind when stopped', async () => {
    const extensions = home ? [] : ['druid-datasketches', 'druid-kafka-indexing-service']
    const first = await startDruid({ dataDir, home, extensions })
    const ids = await idsOf(first)
    expect(await running(ids)).toBe(7)
    await expect(startDruid({ dataDir, home })).rejects.toThrow(
      `the data folder ${dataDir} is in use by process ${process.pid}`,
    )
    for (const { pid } of first.services) {
      for (const address of await listening(pid)) expect(address).toMatch(/127\.0\.0\.1\]?:\d+$/)
    }
    const status = await (await fetch(`${first.routerUrl}/status`)).json()
    for (const name of extensions) expect(JSON.stringify(status)).toContain(name)
    await load(first.routerUrl, 'kept')
    await expectData(first.routerUrl)
    if (!home) {
      const sketch = await sql(first.routerUrl, 'SELECT APPROX_COUNT_DISTINCT_DS_HLL(n) FROM kept')
      expect(sketch).toEqual([[2]])
    }
    await Promise.all([first.stop(), first.stop()])
    expect(await running(ids)).toBe(0)
    await expect(access(join(dataDir, 'lock'))).rejects.toThrow()

    if (!home) await forgetJar()
    const steps = new Set<string>()
    const again = await startDruid({ dataDir, home, onProgress: ({ step }) => steps.add(step) })
    expect(steps.has('resolve')).toBe(!home)
    expect(again.ports.router).not.toBe(first.ports.router)
    await expectData(again.routerUrl)
    // Archives of the classes were written as the first one ended.
    for (const { pid } of again.services) {
      const { stdout } = await run('ps', ['-ww', '-o', 'args=', '-p', String(pid)])
      expect(stdout).toContain('-XX:SharedArchiveFile=')
    }
    await again.stop()
  })

  it('runs beside another with other data, in a temporary folder that goes with it', async () => {
    // Archives that were cut short, or damaged, are no hindrance.
    await damageArchives()
    const [one, two] = await Promise.all([startDruid({ dataDir, home }), startDruid({ home })])
    try {
      await expectData(one.routerUrl)
      expect(await total(two.routerUrl)).toBe('not yet')
      const ports = [...Object.values(one.ports), ...Object.values(two.ports)]
      expect(new Set(ports).size).toBe(ports.length)
    } finally {
      await Promise.all([one.stop(), two.stop()])
    }
    expect(await readdir(temporary)).toEqual([])
  })

  it('takes other ports when one is taken while it starts', async () => {
    const file = join(dataDir, 'conf', 'zookeeper.properties')
    await rm(file)
    const server = createServer()
    const start = startDruid({ dataDir, home })
    const port = await vi.waitUntil(
      async () => /clientPort=(\d+)/.exec(await readFile(file, 'utf8').catch(() => ''))?.[1],
      { timeout: 20_000, interval: 5 },
    )
    server.listen(Number(port), '127.0.0.1')
    const druid = await start
    expect(druid.ports.zookeeper).not.toBe(Number(port))
    await druid.stop()
    server.close()
  })

  it('says which service failed, with the end of its log, and stops the others', async () => {
    const properties = { 'druid.processing.buffer.sizeBytes': 'nonsense' }
    const start = startDruid({ dataDir, home, serviceProperties: { historical: properties } })
    const error = await start.catch((e: Error) => e.message)
    expect(error).toMatch(/^Druid's historical ended with \S+ while starting/)
    expect(error).toContain(join(dataDir, 'log', 'historical.log'))
    expect(error).toMatch(/buffer\.sizeBytes|nonsense/)
    expect(await javasOf(dataDir)).toBe(0)
    await expect(access(join(dataDir, 'lock'))).rejects.toThrow()
  })

  it('says which service was killed while starting', async () => {
    const log = join(dataDir, 'log', 'broker.log')
    await rm(log)
    const start = startDruid({ dataDir, home }).catch((e: Error) => e.message)
    const [, , , broker] = await vi.waitUntil(
      async () => {
        const children = (await holderOf(join(dataDir, 'lock')))?.children ?? []
        const logged = (await readFile(log, 'utf8').catch(() => '')).includes('INFO')
        return logged && children.length === 7 && children
      },
      { timeout: 30_000 },
    )
    process.kill(broker?.pid as number, 'SIGKILL')
    expect(await start).toMatch(
      /^Druid's broker ended with SIGKILL while starting.*broker\.log\):\n.*INFO/s,
    )
    expect(await javasOf(dataDir)).toBe(0)
  })

  it('says which service is not ready in time', async () => {
    await expect(startDruid({ dataDir, home, timeout: 1_500 })).rejects.toThrow(
      /was not ready after 1\.5 s \(missing: .*coordinator/,
    )
    expect(await javasOf(dataDir)).toBe(0)
  })

  it('can be given up while it starts', async () => {
    const abort = new AbortController()
    const start = startDruid({ home, signal: abort.signal })
    setTimeout(() => abort.abort(new Error('enough')), 3_000)
    await expect(start).rejects.toThrow('enough')
    expect(await readdir(temporary)).toEqual([])
    expect(await javasOf(temporary)).toBe(0)
  })

  it('ends when its parent is killed, and its folder can be used again', async () => {
    const parent = await foreground()
    const ids = (await holderOf(join(dataDir, 'lock')))?.children ?? []
    expect(await running(ids)).toBe(7)
    parent.kill('SIGKILL')
    // At once: the lock is stale, and the services are still ending.
    const next = await foreground()
    expect(await running(ids)).toBe(0)
    // Ctrl-C in a terminal, which goes to all processes of its group.
    const since = performance.now()
    process.kill(-(next.pid as number), 'SIGINT')
    await once(next, 'exit')
    expect(performance.now() - since).toBeLessThan(20_000)
    expect(await javasOf(dataDir)).toBe(0)
    await expect(access(join(dataDir, 'lock'))).rejects.toThrow()
  })

  it('in the foreground is known to status and stop, and tells of a service that ended', async () => {
    const kept = await foreground()
    const ended = once(kept, 'exit')
    const status = await run(process.execPath, [main, 'status', '--data-dir', dataDir])
    expect(status.stdout).toContain(`process ${kept.pid} has a cluster in ${dataDir}`)
    const stopped = await run(process.execPath, [main, 'stop', '--data-dir', dataDir])
    expect(stopped.stdout).toBe('stopped\n')
    await ended
    expect(await javasOf(dataDir)).toBe(0)

    const told: string[] = []
    await using druid = await startDruid({
      home,
      dataDir,
      onProgress: ({ step, message }) => step === 'warning' && told.push(message),
    })
    const indexer = druid.services.find(({ name }) => name === 'indexer')
    process.kill(indexer?.pid as number, 'SIGKILL')
    await expect
      .poll(() => told, { timeout: 5_000 })
      .toEqual([
        expect.stringMatching(
          /^indexer has ended by itself \(SIGKILL\); its log is .*indexer\.log$/,
        ),
      ])
  })

  it('goes on in the background when started by the command, from a distribution', async () => {
    const env = { ...process.env, DRUID_HOME: home ?? (await distribution()) }
    const command = (...args: string[]): ReturnType<typeof run> =>
      run(process.execPath, [main, ...args, '--data-dir', dataDir], { env })
    const { stdout } = await command('start', '--tls')
    expect(stdout).toMatch(/Router: http:\/\/127\.0\.0\.1:\d+/)
    const druid = await findDetached(dataDir)
    expect(stdout).toContain(`HTTPS:  ${druid?.tls?.routerUrl}, by the authority ${druid?.tls?.ca}`)
    await expectData(druid?.routerUrl ?? '')
    expect((await command('status')).stdout).toContain(druid?.routerUrl)
    await expect(command('start')).rejects.toThrow('a cluster runs there already')
    expect((await command('logs', 'broker')).stdout).toContain(env.DRUID_HOME)
    expect((await command('stop')).stdout).toBe('stopped\n')
    expect(await javasOf(dataDir)).toBe(0)
    await expect(command('status')).rejects.toMatchObject({ code: 3 })
  })
})

/** `druid-local start --foreground`, in a process group of its own, once it is ready. */
async function foreground(): Promise<ChildProcess> {
  const own = home ? ['--home', home] : []
  const args = [main, 'start', '--foreground', '--data-dir', dataDir, ...own]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  const [line] = await child.stdout.take(1).toArray()
  expect(String(line)).toContain('Router: ')
  return child
}

/** As if a jar had been deleted from Maven's repository since it was resolved. */
async function forgetJar(): Promise<void> {
  const jars = join(cache, 'jars', '33.0.0')
  const name = (await readdir(jars)).find((it) => /^druid-\w+\.classpath$/.test(it)) ?? ''
  const text = await readFile(join(jars, name), 'utf8')
  await writeFile(join(jars, name), text.replace('.jar', '-deleted.jar'))
}

async function damageArchives(): Promise<void> {
  const archives = join(cache, 'archives')
  for (const build of await readdir(archives)) {
    for (const name of await readdir(join(archives, build))) {
      const file = join(archives, build, name)
      await chmod(file, 0o644)
      if (name.startsWith('router')) await truncate(file, 1_000_000)
      if (!name.startsWith('historical')) continue
      const handle = await open(file, 'r+')
      await handle.write(Buffer.alloc(1_000_000, 'x'), 0, 1_000_000, (await stat(file)).size >> 1)
      await handle.close()
    }
  }
}

/** Laid out as an unpacked distribution is, from the jars that Maven found. */
async function distribution(): Promise<string> {
  const path = join(folder, 'apache-druid')
  await mkdir(join(path, 'lib'), { recursive: true })
  await mkdir(join(path, 'extensions'))
  const jars = join(cache, 'jars', '33.0.0')
  const name = (await readdir(jars)).find((it) => /^druid-\w+\.classpath$/.test(it)) ?? ''
  for (const jar of (await readFile(join(jars, name), 'utf8')).split('\n')) {
    await symlink(jar, join(path, 'lib', basename(jar)))
  }
  return path
}

import { execFile, spawn } from 'node:child_process'
import { access, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findDetached, type LocalDruid, startDruid } from '@druid/local'
import { afterAll, describe, expect, it } from 'vitest'
import { isRunning, type ProcessId, processId } from '../../src/process.ts'

const run = promisify(execFile)
const home = process.env.DRUID_HOME || undefined
const dataDir = await mkdtemp(join(tmpdir(), 'lifecycle-test-'))
afterAll(() => rm(dataDir, { recursive: true, force: true }))

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

function idsOf(druid: LocalDruid): Promise<ProcessId[]> {
  return Promise.all(druid.services.map(({ pid }) => processId(pid)))
}

async function running(ids: readonly ProcessId[]): Promise<number> {
  return (await Promise.all(ids.map(isRunning))).filter(Boolean).length
}

describe('a Druid on this machine', () => {
  it('keeps its data from one start to the next, and leaves nothing behind when stopped', async () => {
    const first = await startDruid({ dataDir, home })
    const ids = await idsOf(first)
    expect(await running(ids)).toBe(6)
    await expect(startDruid({ dataDir, home })).rejects.toThrow(
      `the data folder ${dataDir} is in use by process ${process.pid}`,
    )
    await load(first.routerUrl, 'kept')
    await expect.poll(() => total(first.routerUrl), { timeout: 60_000 }).toEqual([[2, 3]])
    await Promise.all([first.stop(), first.stop()])
    expect(await running(ids)).toBe(0)
    await expect(access(join(dataDir, 'lock'))).rejects.toThrow()

    const again = await startDruid({ dataDir, home })
    expect(again.ports.router).not.toBe(first.ports.router)
    await expect.poll(() => total(again.routerUrl), { timeout: 60_000 }).toEqual([[2, 3]])
    // Archives of the classes were written as the first one ended.
    const { stdout } = await run('ps', ['-o', 'args=', '-p', String(again.services[1]?.pid)])
    expect(stdout).toContain('-XX:SharedArchiveFile=')
    await again.stop()
  })

  it('runs beside another with other data, in a temporary folder that goes with it', async () => {
    const [one, two] = await Promise.all([startDruid({ dataDir, home }), startDruid({ home })])
    try {
      await expect.poll(() => total(one.routerUrl), { timeout: 60_000 }).toEqual([[2, 3]])
      expect(await total(two.routerUrl)).toBe('not yet')
      const ports = [...Object.values(one.ports), ...Object.values(two.ports)]
      expect(new Set(ports).size).toBe(ports.length)
    } finally {
      await Promise.all([one.stop(), two.stop()])
    }
    await expect(access(two.dataDir)).rejects.toThrow()
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
    const left = (await readdir(tmpdir())).filter((name) => name.startsWith('druid-local-'))
    expect(left).toEqual([])
  })

  it('ends when its parent is killed, and its folder can be used again', async () => {
    const program = `
      import { startDruid } from '@druid/local'
      const druid = await startDruid(${JSON.stringify({ dataDir, home })})
      console.log(JSON.stringify(druid.services.map(({ pid }) => pid)))
      setInterval(() => {}, 1000)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: import.meta.dirname,
    })
    const [line] = await parent.stdout.take(1).toArray()
    const ids = await Promise.all((JSON.parse(String(line)) as number[]).map(processId))
    expect(await running(ids)).toBe(6)
    parent.kill('SIGKILL')
    // At once: the lock is stale, and the services are still ending.
    const next = await startDruid({ dataDir, home })
    expect(await running(ids)).toBe(0)
    await expect.poll(() => total(next.routerUrl), { timeout: 60_000 }).toEqual([[2, 3]])
    await next.stop()
  })

  it('goes on in the background when started by the command', async () => {
    const main = join(import.meta.dirname, '..', '..', 'src', 'main.ts')
    const command = (...args: string[]): ReturnType<typeof run> =>
      run(process.execPath, [main, ...args, '--data-dir', dataDir])
    expect((await command('start')).stdout).toMatch(/Router: http:\/\/127\.0\.0\.1:\d+/)
    await sleep(500)
    const druid = await findDetached(dataDir)
    expect((await command('status')).stdout).toContain(druid?.routerUrl)
    await expect(command('start')).rejects.toThrow('a cluster runs there already')
    expect((await command('logs', 'broker')).stdout).toContain('org.apache.druid')
    expect((await command('stop')).stdout).toBe('stopped\n')
    expect(await javasOf(dataDir)).toBe(0)
    await expect(command('status')).rejects.toMatchObject({ code: 3 })
  })
})

/** JVMs whose command line names the folder. */
async function javasOf(folder: string): Promise<number> {
  const { stdout } = await run('ps', ['-e', '-o', 'args='])
  return stdout.split('\n').filter((line) => line.includes('java') && line.includes(folder)).length
}

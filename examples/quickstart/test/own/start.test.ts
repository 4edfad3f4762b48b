import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { findDetached, stopDetached } from '@druid/local'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

const main = join(import.meta.dirname, '..', '..', 'main.ts')
let cache = ''
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'quickstart-test-'))
  // A data folder of its own, and no `druid-local` of the user's.
  vi.stubEnv('XDG_CACHE_HOME', cache)
})
afterAll(async () => {
  await stopDetached()
  vi.unstubAllEnvs()
  await rm(cache, { recursive: true, force: true, maxRetries: 5 })
})

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function start(...args: string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const { DRUID_URL: _, ...env } = process.env
  const child = spawn(process.execPath, [main, ...args], { env })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const ended = once(child, 'close').then(([code]) => ({ code, stdout, stderr }))
  return { child, ended }
}

/** Until it has said this. */
async function said(child: ChildProcess, text: string): Promise<void> {
  let all = ''
  await new Promise<void>((resolve, reject) => {
    child.on('exit', () => reject(new Error(`it ended before it said "${text}": ${all}`)))
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => {
        all += chunk
        if (all.includes(text)) resolve()
      })
    }
  })
}

describe('the quickstart without a cluster', () => {
  it('given up with --keep while it loads leaves no cluster', async () => {
    const { child, ended } = start('--keep')
    await said(child, 'Loading')
    child.kill('SIGINT')
    expect((await ended).code).toBe(130)
    expect(await findDetached()).toBeUndefined()
  })

  it('loads once: the second run finds what the first one stored', async () => {
    const first = await start().ended
    expect(first).toMatchObject({ code: 0 })
    expect(first.stdout).toMatch(/flights +(index_parallel\S+|already there) +20000/)
    const second = await start().ended
    expect(second.stdout).toMatch(/flights +already there +20000/)
    expect(second.stdout).toMatch(/airports +already there +3376/)
    expect(second.stderr).not.toContain('task index_parallel')
  })

  it('with --keep leaves a cluster that says how it is stopped', async () => {
    const { code, stdout } = await start('--keep').ended
    expect(code).toBe(0)
    expect(stdout).toContain('druid-local stop')
    const kept = await findDetached()
    expect(stdout).toContain(`Druid goes on running at ${kept?.routerUrl}`)
    await using druid = connect(kept?.routerUrl ?? '', { extensions: [cluster] })
    expect(await druid.value('SELECT COUNT(*) FROM flights')).toBe(20_000)
    // A run on it leaves it there, also when it fails.
    const { child, ended } = start('--keep')
    await said(child, 'Loading')
    child.kill('SIGINT')
    await ended
    expect((await findDetached())?.keeper).toEqual(kept?.keeper)
    expect(await stopDetached()).toBe(true)
    expect(await findDetached()).toBeUndefined()
  })
})

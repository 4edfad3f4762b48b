import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, inject, it } from 'vitest'

const main = join(import.meta.dirname, '..', '..', 'main.ts')
const environment = { ...process.env, DRUID_URL: inject('druidUrl') }

function quickstart(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return promisify(execFile)(process.execPath, [main, ...args], { env: environment })
}

describe('the quickstart on a cluster of yours', () => {
  it('asks before it writes', async () => {
    await expect(quickstart()).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('quickstart_flights'),
    })
  })

  it('loads, queries, loads nothing twice, and cleans up', { timeout: 180_000 }, async () => {
    const first = await quickstart('--yes')
    expect(first.stdout).toMatch(/coordinator +http:\/\/127\.0\.0\.1:\d+ +yes/)
    expect(first.stdout).toMatch(/imply +active +discovered/)
    expect(first.stdout).toMatch(/quickstart_flights +index_parallel\S+ +20000/)
    expect(first.stdout).toMatch(/2001-02-01T00:00:00\.000Z +5964/)
    expect(first.stdout).toMatch(/DFW +Dallas-Fort Worth +TX +21/)
    expect(first.stdout).toContain('./dev test')
    const second = await quickstart('--yes')
    expect(second.stdout).toMatch(/quickstart_flights +already there +20000/)
    expect((await quickstart('--clean', '--yes')).stdout).toContain('removed quickstart_flights')
    const third = await quickstart('--clean', '--yes')
    expect(third.stdout).toContain('removed')
  })
})

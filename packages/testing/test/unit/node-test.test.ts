import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

/** `node --test` on a file of the folder `node`. */
async function nodeTest(file: URL): Promise<{ code: number; output: string }> {
  const { VITEST: _, NODE_OPTIONS: __, ...env } = process.env
  try {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--test', '--test-reporter=tap', fileURLToPath(file)],
      { env },
    )
    return { code: 0, output: stdout }
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string }
    return { code, output: stdout }
  }
}

describe('describeExtension() with node:test', () => {
  it('passes for good extensions', async () => {
    const { code, output } = await nodeTest(new URL('../node/good.ts', import.meta.url))
    expect(output).toContain('extension "imply"')
    expect(output).toContain('ok 1 - registers')
    expect(output).toMatch(/^# tests [4-9]\d$/m)
    expect(output).toMatch(/^# fail 0$/m)
    expect(code, output).toBe(0)
  }, 30_000)

  it('fails for a bad one, and says why', async () => {
    const { code, output } = await nodeTest(new URL('../node/bad.ts', import.meta.url))
    expect(output).toContain('requests sent by constructors')
    expect(output).toMatch(/^# fail 1$/m)
    expect(code).toBe(1)
  }, 30_000)
})

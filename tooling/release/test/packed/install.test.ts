import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, inject, it } from 'vitest'

const run = promisify(execFile)
const cwd = inject('consumer')
const published = inject('published')
const entries = published.flatMap((it) => it.entries)
const commands = published.flatMap((it) => it.commands)

function node(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return run(process.execPath, args, { cwd })
}

describe('installed by npm into an empty project', () => {
  it('every entry can be imported', async () => {
    const code = entries.map((entry) => `await import('${entry}')`).join('\n')
    expect((await node('--input-type=module', '-e', code)).stderr).toBe('')
  })

  it('every entry can be required, with the same classes', async () => {
    const code = `
      for (const entry of ${JSON.stringify(entries)}) require(entry)
      import('@druid/core').then(({ DruidError }) =>
        console.log(DruidError === require('@druid/core/extension').DruidError))`
    expect(await node('--input-type=commonjs', '-e', code)).toEqual({
      stdout: 'true\n',
      stderr: '',
    })
  })

  it.each(commands)('the command %s runs', async (command) => {
    const { stdout } = await run(join(cwd, 'node_modules', '.bin', command), ['--help'], {
      cwd,
      shell: process.platform === 'win32',
    })
    expect(stdout).toContain(command)
  })

  it('every package that is an extension is found', async () => {
    const program = join(cwd, 'found.js')
    await writeFile(
      program,
      `import { discover } from '@druid/core/discover'
       const { extensions, reports } = await discover({ from: import.meta.url })
       console.log(JSON.stringify([extensions.map((it) => it.package.name), reports]))`,
    )
    const names = published.filter((it) => it.isExtension).map(({ name }) => name)
    expect(JSON.parse((await node(program)).stdout)).toEqual([names.sort(), []])
  })
})

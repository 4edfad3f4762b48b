import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Problem } from '@druid/testing'
import { describe, expect, inject, it } from 'vitest'
import { COMPILERS } from '../../../../tooling/release/test/packed/compiler.ts'
import { packageWith, problemsOf, TYPES } from '../programs/package.ts'

const run = promisify(execFile)
const cwd = inject('consumer')

/** As its users have it: installed, with a runner that is built. */
async function checkInstalled(target: string): Promise<readonly Problem[]> {
  const program = join(cwd, 'check.js')
  await writeFile(
    program,
    `import { checkExtension } from '@druid/testing'
     console.log(JSON.stringify(await checkExtension(process.argv[2])))`,
  )
  return JSON.parse((await run(process.execPath, [program, target], { cwd })).stdout)
}

describe('checkExtension, installed by npm', () => {
  const extensions = inject('published').filter(({ isExtension }) => isExtension)

  it.each(extensions)('finds nothing wrong with the packed $name', async ({ name, tarball }) => {
    expect(await checkInstalled(tarball)).toEqual([])
    expect(await checkInstalled(join(cwd, 'node_modules', name))).toEqual([
      // npm installs no compiler for it.
      expect.objectContaining({ rule: 'R9', level: 'warning' }),
    ])
  })

  it('finds what a package does when it is run', async () => {
    const code = "fetch('http://localhost:9/'); export function registerClient() {}"
    const problems = await checkInstalled(await packageWith({ 'dist/register.js': code }))
    expect(problems).toMatchObject([
      { rule: 'R5', message: expect.stringContaining('importing it calls fetch') },
    ])
  })
})

describe.each(COMPILERS)('checkExtension under TypeScript $version', ({ tsc }) => {
  const typescript = dirname(dirname(tsc))

  it('finds nothing wrong with a good package', async () => {
    expect(await problemsOf(await packageWith(), { typescript })).toEqual([])
  })

  it('finds what cannot be named, and a client with private members', async () => {
    const [, head = '', body = ''] = /^(.*)export declare (class.*?^})/ms.exec(TYPES) ?? []
    const definition = TYPES.slice(head.length + 'export declare '.length + body.length)
    const needing = definition.replace(
      'readonly client: RangerClient',
      'readonly client: RangerClient; readonly needs: Client',
    )
    const folder = await packageWith({
      'dist/client.d.ts': `${head}
        export declare class Client { #private; query(text: string): Promise<unknown> }
        export declare ${body}`,
      'dist/register.d.ts': `${head}import { Client, RangerClient } from './client.js'\n${needing}`,
      'dist/index.d.ts': "export { ranger } from './register.js'",
    })
    const rules = (await problemsOf(folder, { typescript })).map((it) => it.split(' ')[0])
    expect(new Set(rules)).toEqual(new Set(['R9', 'R16']))
  })
})

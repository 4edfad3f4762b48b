import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { checkExtension } from '@druid/testing'
import { describe, expect, it } from 'vitest'
import { core, installCore, MANIFEST, packageWith, problemsOf, TYPES, write } from './package.ts'

const CLASS = `
import type { ExtensionHost, Row } from '@druid/core/extension'
export declare class RangerClient {
  #private;
  constructor(client: ExtensionHost);
  users(): Promise<Row[]>;
}
`

const DEFINITION = `
export declare const ranger: Extension<'ranger', { readonly client: RangerClient }>
export declare const registerClient: typeof ranger.registerClient
export default ranger
`

const IMPORTS = "import type { Extension } from '@druid/core/extension'\n"

describe('R9', () => {
  it('finds a class in a file that no entry exports', async () => {
    const folder = await packageWith({
      'dist/client.d.ts': CLASS,
      'dist/register.d.ts': `${IMPORTS}import { RangerClient } from './client.js'\n${DEFINITION}`,
      'dist/index.d.ts': "export { ranger } from './register.js'",
    })
    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching(
        /^R9 error: an application cannot export what it makes with it: .*RangerClient.* \(TS\d+\); export every class/,
      ),
    ])
  })

  it('takes one that another entry exports', async () => {
    const folder = await packageWith({
      'dist/client.d.ts': CLASS,
      'dist/register.d.ts': `${IMPORTS}import { RangerClient } from './client.js'\n${DEFINITION}`,
      'dist/index.d.ts': "export { RangerClient } from './client.js'",
    })
    expect(await problemsOf(folder)).toEqual([])
  })

  it('finds a class that its file keeps to itself', async () => {
    const folder = await packageWith({
      'dist/register.d.ts': `${TYPES.replace('export declare class', 'declare class')}\nexport {}`,
      'dist/index.d.ts': "export { ranger } from './register.js'",
    })
    expect(await problemsOf(folder)).toEqual([expect.stringMatching(/^R9 error: .*private/)])
  })

  it('finds it in the return type of a bare registerClient', async () => {
    const folder = await packageWith({
      'dist/client.d.ts': CLASS,
      'dist/register.d.ts': `
        import type { Registration } from '@druid/core/extension'
        import { RangerClient } from './client.js'
        export declare function registerClient(context: never): Registration<{ client: RangerClient }>`,
      'dist/index.d.ts': 'export {}',
    })
    expect(await problemsOf(folder)).toEqual([expect.stringMatching(/^R9 error: .*RangerClient/)])
  })

  it('finds it in sources, as they are published', async () => {
    const source = `
      import { type ExtensionHost, defineExtension } from '@druid/core/extension'
      class RangerClient { #client; constructor(client: ExtensionHost) { this.#client = client } }
      export const ranger = defineExtension({ name: 'ranger', client: RangerClient })
      export const { registerClient } = ranger
      export default ranger`
    const self = { './package.json': './package.json' }
    const exports = { './register': './src/register.ts', ...self }
    const published = { './register': MANIFEST.exports['./register'], ...self }
    const manifest = { ...MANIFEST, exports, publishConfig: { exports: published } }
    const bad = { 'package.json': manifest, 'src/register.ts': source }
    expect(await problemsOf(await packageWith(bad))).toEqual([
      expect.stringMatching(/^R9 error: .*private/),
    ])
    const good = {
      ...bad,
      'src/register.ts': source.replace('class Ranger', 'export class Ranger'),
    }
    expect(await problemsOf(await packageWith(good))).toEqual([])
  })

  it.each([
    ['is too old', '5.3.3', 'process.exit(0)', /TypeScript 5\.3\.3 is older than 5\.4/],
    ['breaks', '7.0.0', "console.error('no room'); process.exit(3)", /7\.0\.0 failed: no room/],
  ])('says that nothing was checked where the compiler %s', async (_, version, code, message) => {
    const folder = await packageWith()
    const typescript = join(folder, 'node_modules/typescript')
    await rm(typescript)
    await write(typescript, {
      'package.json': { name: 'typescript', version, bin: { tsc: './tsc.cjs' } },
      'tsc.cjs': code,
    })
    const problems = await checkExtension(folder)
    expect(problems).toMatchObject([{ rule: 'R9', level: 'warning' }])
    expect(problems[0]?.message).toMatch(message)
    expect(problems[0]?.message).toContain('not checked, and R16 neither')
  })

  it('refuses a compiler that is none', async () => {
    await expect(checkExtension(await packageWith(), { typescript: core })).rejects.toMatchObject({
      code: 'CONFIG',
      option: 'typescript',
    })
  })
})

describe('R16', () => {
  it('finds declarations that reach past the entries of core', async () => {
    const deep = "import type { Client } from '@druid/core/dist/client.js'"
    const file = 'dist/register.d.ts'
    const folder = await packageWith({ [file]: `${deep}\n${TYPES}` })
    expect(await checkExtension(folder)).toEqual([
      {
        rule: 'R16',
        level: 'error',
        message: expect.stringContaining('names types of @druid/core/dist/client.js, which is no'),
        file,
      },
    ])
  })

  it('finds a class that asks for a client with private members', async () => {
    const inlined = 'declare class Client { #private; query(text: string): Promise<unknown> }'
    const types = TYPES.replace('client: ExtensionHost', 'client: Client').replace(
      'readonly client: RangerClient',
      'readonly client: RangerClient; readonly needs: Client',
    )
    const folder = await packageWith({
      'dist/register.d.ts': `${types}\nexport ${inlined}`,
      'dist/index.d.ts': "export { Client, RangerClient, ranger } from './register.js'",
    })
    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching(/^R16 error: its classes ask for a client with private members/),
    ])
  })

  it('lets a class ask for what other extensions add', async () => {
    const needs = "import('@druid/core').ClientBase & { cluster(): { refresh(): Promise<void> } }"
    const types = TYPES.replace(
      'readonly client: RangerClient',
      `readonly client: RangerClient; readonly needs: ${needs}`,
    )
    expect(await problemsOf(await packageWith({ 'dist/register.d.ts': types }))).toEqual([])
  })

  it('finds a public type of core that two copies of it do not share', async () => {
    const held = TYPES.replace('#private;', '#private;\n  readonly session: Session;').replace(
      'type Row }',
      'type Row, type Session }',
    )
    const folder = await withPrivateCore({ 'dist/register.d.ts': held })
    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching(
        /^R16 error: two installed copies of @druid\/core would not fit.*Session/,
      ),
    ])
  })

  it('lets a class hold it privately', async () => {
    const hidden = TYPES.replace('#private;', '#private;\n  private readonly session;')
    expect(await problemsOf(await withPrivateCore({ 'dist/register.d.ts': hidden }))).toEqual([])
  })
})

/** The good package beside a core that exports a class with private members. */
async function withPrivateCore(files: Record<string, string>): Promise<string> {
  const folder = await packageWith(files)
  const own = join(folder, 'node_modules/@druid/core')
  await rm(own)
  await installCore(own, 'export declare class Session { #private; id: string }')
  return folder
}

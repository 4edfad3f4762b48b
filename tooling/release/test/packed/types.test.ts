import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { COMPILERS, compile, PLATFORMS } from './compiler.ts'
import { isUniversal } from './platform.ts'

const require = createRequire(import.meta.url)
const folder = join(inject('consumer'), 'types')
const published = inject('published')

/** What an author and an application write and export, without saying a type. */
const CLIENTS = `
import { cluster } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { defineExtension, type ExtensionHost, renamed, type ServiceHost } from '@druid/core/extension'
import { format } from '@druid/format'
import { imply } from '@druid/imply'

export class Ranger {
  readonly #client: ExtensionHost
  constructor(client: ExtensionHost) { this.#client = client }
  async policies(): Promise<readonly string[]> {
    return (await this.#client.query<{ name: string }>('SELECT 1')).map(({ name }) => name)
  }
}
export class RangerAdmin {
  constructor(readonly service: ServiceHost) {}
}
export class Audit {
  constructor(readonly client: DruidClient<typeof cluster>) {}
  load() { return this.client.cluster().coordinatorClient().loadStatus() }
}
export const ranger = defineExtension({
  name: 'ranger', client: Ranger, roles: { 'ranger-admin': RangerAdmin }, clusterMethods: { audit: Audit },
})
export const { registerClient } = ranger
export default ranger

export const plain = defineExtension({ name: 'plain', client: Ranger })
export const extensions = [cluster, imply, format, ranger, renamed(plain, 'plain-two')] as const

export const druid = connect('http://localhost:8888', { extensions })
export const open = async (url: string) => connect(url, { extensions: [cluster, ranger] })
export class Service { readonly druid = connect('http://localhost:8888', { extensions: [plain] }) }
`

/** A program that knows the above by the declarations that were emitted. */
const PROGRAM = `

import registered, { type Audit, druid, extensions, open, type Ranger, type RangerAdmin, Service } from '../emitted/clients.js'
import { connect } from '@druid/core'
import { expectTypeOf } from 'vitest'

expectTypeOf(druid.rangerClient()).toEqualTypeOf<Ranger>()
expectTypeOf(druid.plainTwoClient()).toEqualTypeOf<Ranger>()
expectTypeOf(druid.cluster().rangerAdminClients()).resolves.toEqualTypeOf<RangerAdmin[]>()
expectTypeOf(druid.cluster().audit()).toEqualTypeOf<Audit>()
expectTypeOf(druid.format('SELECT 1', 'markdown')).resolves.toBeString()
expectTypeOf(open('x')).resolves.toHaveProperty('rangerClient')
expectTypeOf(new Service().druid.plainClient()).toEqualTypeOf<Ranger>()
expectTypeOf(connect('x', { extensions }).rangerClient()).toEqualTypeOf<Ranger>()
// @ts-expect-error renamed
druid.plainClient
// @ts-expect-error its method needs the cluster
connect('x', { extensions: [registered] })
`

beforeAll(async () => {
  await mkdir(join(folder, 'program'), { recursive: true })
  const tested = published.filter((it) => existsSync(join(it.folder, 'test', 'types')))
  expect(tested.map(({ name }) => name)).toContain('@druid/core')
  for (const { name, folder: source } of tested) {
    await cp(join(source, 'test', 'types'), join(folder, 'tests', name), { recursive: true })
  }
  const expectType = createRequire(require.resolve('vitest')).resolve('expect-type')
  const files = {
    'clients.ts': CLIENTS,
    'program/program.ts': PROGRAM,
    'node.ts': imports(() => true),
    'browser.ts': imports(isUniversal),
    // What the tests use of it, without the types of its own tools.
    'vitest.d.ts': `
      export { expectTypeOf } from '${dirname(expectType)}/index.js'
      declare function test(name: string, run: () => unknown): void
      export { test, test as it, test as describe }`,
  }
  for (const [path, content] of Object.entries(files)) await writeFile(join(folder, path), content)
})

function imports(wanted: (entry: string) => boolean): string {
  const entries = published.flatMap((it) => it.entries).filter(wanted)
  return entries.map((entry, i) => `export * as entry${i} from '${entry}'`).join('\n')
}

const paths = { vitest: [join(folder, 'vitest.d.ts')] }

describe.each(COMPILERS)('under TypeScript $version', (compiler) => {
  describe.each(['node', 'browser'] as const)('in a program for %s', (platform) => {
    it.each([true, false])('the types hold, exactOptionalPropertyTypes %s', async (exact) => {
      const options = {
        ...PLATFORMS[platform],
        paths,
        exactOptionalPropertyTypes: exact,
        noEmit: true,
      }
      const include = ['tests', 'clients.ts', `${platform}.ts`]
      expect(await compile(compiler, folder, options, include)).toBe('')
    })
  })

  it('exported clients have short declarations, which say the same', async () => {
    const outDir = join(folder, 'emitted')
    const emit = { ...PLATFORMS.node, declaration: true, emitDeclarationOnly: true, outDir }
    expect(await compile(compiler, folder, emit, ['clients.ts'])).toBe('')
    const text = await readFile(join(outDir, 'clients.d.ts'), 'utf8')
    expect(text).toMatch(/const druid: DruidClient</)
    expect(text).toMatch(/const open: .*=> Promise<DruidClient</)
    expect(text).toMatch(/readonly druid: DruidClient<[^;]*Extension<"plain"/)
    // By the names of the extensions, not by what they add.
    expect(text).not.toMatch(/(ranger|Two|Admin|coordinator|imply)Client/)
    const options = { ...PLATFORMS.node, paths, noEmit: true }
    expect(await compile(compiler, folder, options, ['program'])).toBe('')
  })
})

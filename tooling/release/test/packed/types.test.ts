import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { COMPILERS, compile, PLATFORMS } from './compiler.ts'
import { write } from './files.ts'
import { isUniversal } from './platform.ts'

const require = createRequire(import.meta.url)
const folder = join(inject('consumer'), 'types')
const published = inject('published')
const TOOLS = fileURLToPath(new URL('../../../../node_modules', import.meta.url))

/** What an author and an application write and export, without saying a type. */
const CLIENTS = `
import { cluster, dockerPorts } from '@druid/cluster'
import { connect, type DruidClient } from '@druid/core'
import { connect as connectAuto } from '@druid/core/auto'
import { defineExtension, type ExtensionHost, renamed, type ServiceHost } from '@druid/core/extension'
import { fetchTransport } from '@druid/core/fetch'
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
export const mapped = connect('http://localhost:8888', {
  extensions: [cluster.with({ mapUrl: dockerPorts({ 8081: 18081 }) }), imply],
  transport: fetchTransport(),
})
export const list: (typeof imply | typeof plain)[] = [imply]
export const uncertain = connect('http://localhost:8888', { extensions: list })
export const either = connect('http://localhost:8888', {
  extensions: Math.random() > 2 ? [cluster] : [cluster, plain],
})
export const auto = connectAuto('http://localhost:8888', { extensions: [plain] })
export class Service { readonly druid = connect('http://localhost:8888', { extensions: [plain] }) }
`

/** A program that knows the above by the declarations that were emitted. */
const PROGRAM = `

import registered, * as clients from '../emitted/clients.js'
import type { Audit, Ranger, RangerAdmin } from '../emitted/clients.js'
import { connect } from '@druid/core'
import type { ImplyClient } from '@druid/imply'
import { expectTypeOf } from 'vitest'

const { druid, extensions } = clients
expectTypeOf(druid.rangerClient()).toEqualTypeOf<Ranger>()
expectTypeOf(druid.plainTwoClient()).toEqualTypeOf<Ranger>()
expectTypeOf(druid.cluster().rangerAdminClients()).resolves.toEqualTypeOf<RangerAdmin[]>()
expectTypeOf(druid.cluster().audit()).toEqualTypeOf<Audit>()
expectTypeOf(druid.format('SELECT 1', 'markdown')).resolves.toBeString()
expectTypeOf(clients.open('x')).resolves.toHaveProperty('rangerClient')
expectTypeOf(clients.mapped.implyClient()).toEqualTypeOf<ImplyClient>()
expectTypeOf(clients.uncertain.implyClient).toEqualTypeOf<(() => ImplyClient) | undefined>()
expectTypeOf(clients.either.cluster()).toHaveProperty('services')
expectTypeOf((await clients.auto).plainClient()).toEqualTypeOf<Ranger>()
// @ts-expect-error only in one of the two
clients.either.plainClient
expectTypeOf(new clients.Service().druid.plainClient()).toEqualTypeOf<Ranger>()
expectTypeOf(connect('x', { extensions }).rangerClient()).toEqualTypeOf<Ranger>()
// @ts-expect-error renamed
druid.plainClient
// @ts-expect-error its method needs the cluster
connect('x', { extensions: [registered] })
`

beforeAll(async () => {
  const tested = published.filter((it) => existsSync(join(it.folder, 'test', 'types')))
  expect(tested.map(({ name }) => name)).toContain('@druid/core')
  for (const { name, folder: source } of tested) {
    const copy = join(folder, 'tests', isUniversal(name) ? 'universal' : 'node', name)
    await cp(join(source, 'test', 'types'), copy, { recursive: true })
  }
  // Tests also import what the repository has for them; its own packages are the packed ones.
  await mkdir(join(folder, 'node_modules'))
  for (const name of await readdir(TOOLS)) {
    if (name.startsWith('.') || name === '@druid') continue
    await symlink(join(TOOLS, name), join(folder, 'node_modules', name), 'junction')
  }
  const expectType = createRequire(require.resolve('vitest')).resolve('expect-type')
  await write(folder, {
    'clients.ts': CLIENTS,
    'program/program.ts': PROGRAM,
    'node.ts': imports(() => true),
    'browser.ts': imports(isUniversal),
    // What the tests use of it, without the types of its own tools.
    'vitest.d.ts': `
      export { expectTypeOf } from '${dirname(expectType)}/index.js'
      declare function test(name: string, run: () => unknown): void
      export { test, test as it, test as describe }`,
  })
})

function imports(wanted: (entry: string) => boolean): string {
  const entries = published.flatMap((it) => it.entries).filter(wanted)
  return entries.map((entry, i) => `export * as entry${i} from '${entry}'`).join('\n')
}

const paths = { vitest: [join(folder, 'vitest.d.ts')] }

describe.each(COMPILERS)('under TypeScript $version', (compiler) => {
  it.each([
    ['node', true],
    ['node', false],
    ['browser', true],
    ['browser', false],
  ] as const)('the types hold for %s, exactOptionalPropertyTypes %s', async (name, exact) => {
    const options = { ...PLATFORMS[name], paths, exactOptionalPropertyTypes: exact, noEmit: true }
    const tests = name === 'node' ? 'tests' : 'tests/universal'
    expect(await compile(compiler, folder, options, [tests, 'clients.ts'])).toBe('')
  })

  it.each(['node', 'browser'] as const)(
    'the declaration files have no errors for %s',
    async (name) => {
      const options = { ...PLATFORMS[name], skipLibCheck: false, noEmit: true }
      expect(await compile(compiler, folder, options, [`${name}.ts`])).toBe('')
    },
  )

  it('exported clients have short declarations, which say the same', async () => {
    const outDir = join(folder, 'emitted')
    const emit = { ...PLATFORMS.node, declaration: true, emitDeclarationOnly: true, outDir }
    expect(await compile(compiler, folder, emit, ['clients.ts'])).toBe('')
    const text = await readFile(join(outDir, 'clients.d.ts'), 'utf8')
    expect(text).toMatch(/const druid: DruidClient</)
    expect(text).toMatch(/const open: .*=> Promise<DruidClient</)
    expect(text).toMatch(/const either: DruidClient<[\s\S]+?> \| DruidClient</)
    expect(text).toMatch(/readonly druid: DruidClient<[^;]*Extension<"plain"/)
    // By the names of the extensions, not by what they add.
    expect(text).not.toMatch(/(ranger|Two|Admin|coordinator|talaria)Client/)
    const options = { ...PLATFORMS.node, paths, noEmit: true }
    expect(await compile(compiler, folder, options, ['program'])).toBe('')
  })
})

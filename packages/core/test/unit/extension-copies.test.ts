import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { application, installed } from './application.ts'
import { inNode } from './node.ts'

const core = resolve(import.meta.dirname, '../..')
let base = ''

/** Another installed copy of this package, of another minor: edits of its sources by file. */
async function copy(name: string, edits: Record<string, [string, string][]> = {}): Promise<void> {
  const folder = join(base, name)
  await cp(join(core, 'src'), join(folder, 'src'), { recursive: true })
  await cp(join(core, 'package.json'), join(folder, 'package.json'))
  // For the types of ky alone.
  await symlink(join(core, 'node_modules'), join(folder, 'node_modules'))
  for (const [file, replacements] of Object.entries(edits)) {
    let text = await readFile(join(folder, 'src', file), 'utf8')
    for (const [from, to] of replacements) {
      if (!text.includes(from)) throw new Error(`${file} has no ${from}`)
      text = text.replace(from, to)
    }
    await writeFile(join(folder, 'src', file), text)
  }
}

/** A program in which `core`, `newer` and `next` are copies: entry files and extension helpers. */
function program(body: string): Promise<unknown> {
  const url = (path: string): string => JSON.stringify(pathToFileURL(join(base, path)).href)
  const imports = ['core', 'newer', 'next'].map(
    (name) => `const ${name} = {
      ...(await import(${url(`${name}/src/index.ts`)})),
      ...(await import(${url(`${name}/src/extension.ts`)})),
    }`,
  )
  return inNode(`${imports.join('\n')}
    const BODY = [['a'], ['LONG'], ['BIGINT'], [1]].map((row) => JSON.stringify(row) + '\\n').join('') + '\\n'
    const transport = {
      name: 'canned',
      async request() {
        return {
          status: 200,
          headers: new Headers(),
          body: {
            async *[Symbol.asyncIterator]() { yield new TextEncoder().encode(BODY) },
            discard() {},
            trailers() {},
          },
        }
      },
      async close() {},
    }
    const open = (from, ...extensions) =>
      from.connect('http://druid:8888', { extensions, transport, onExtensionError: 'silent' })
    const said = {}
    ${body}
    console.log(JSON.stringify(said))`)
}

beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'druid-copies-')))
  await writeFile(join(base, 'package.json'), '{ "type": "module" }')
  await copy('core')
  await copy('newer', {
    'extension/record.ts': [
      [
        '    mapUrl(mapper) {',
        '    shutdown: (run) => void called.closers.push(run),\n    mapUrl(mapper) {',
      ],
    ],
    'extension/definition.ts': [
      [
        '  mapUrl(mapper: MapUrl): void',
        '  shutdown(run: () => unknown): void\n  mapUrl(mapper: MapUrl): void',
      ],
    ],
    'extension/host.ts': [
      [
        '  extension(name: string): unknown',
        '  extension(name: string): unknown\n  ping(): Promise<boolean>',
      ],
    ],
    'client/client.ts': [
      [
        '  extensions(): readonly',
        '  async ping(): Promise<boolean> {\n    return true\n  }\n\n  extensions(): readonly',
      ],
    ],
  })
  await copy('next', {
    'extension/definition.ts': [['EXTENSION_API = 1', 'EXTENSION_API = 2']],
  })
}, 30_000)
afterAll(() => rm(base, { recursive: true }))

describe('two copies of @druid/core in one process', () => {
  it('are two: no class is the same', async () => {
    expect(
      await program(`
        said.connect = core.connect === newer.connect
        said.error = core.DruidError === newer.DruidError
      `),
    ).toEqual({ connect: false, error: false })
  })

  it('an extension of one works on the other, either way', async () => {
    expect(
      await program(`
        for (const [one, other] of [[core, newer], [newer, core]]) {
          class Thing {
            constructor(client) { this.client = client }
            rows() { return this.client.query(other.sql\`SELECT \${1}\`) }
          }
          const thing = other.defineExtension({ name: 'thing', client: Thing })
          const druid = open(one, thing)
          said[one === core ? 'older' : 'newer'] = [
            druid.extensions()[0].status,
            druid.thingClient() instanceof Thing,
            druid.extension(thing) === druid.thingClient(),
            await druid.thingClient().rows(),
            other.recordExtension(thing).client === Thing,
            open(one, one.renamed(thing, 'two')).twoClient() instanceof Thing,
            open(one, other.renamed(thing, 'two')).twoClient() instanceof Thing,
          ]
        }
      `),
    ).toEqual({
      older: ['active', true, true, [{ a: 1 }], true, true, true],
      newer: ['active', true, true, [{ a: 1 }], true, true, true],
    })
  })

  it('two copies of an extension collide by name, and either definition finds the one used', async () => {
    expect(
      await program(`
        class One {}
        class Other {}
        const one = core.defineExtension({ name: 'thing', client: One })
        const other = newer.defineExtension({ name: 'thing', client: Other })
        const druid = open(core, one, other)
        said.statuses = druid.extensions().map(({ status }) => status)
        said.found = druid.extension(other) === druid.thingClient()
      `),
    ).toEqual({ statuses: ['active', 'failed'], found: true })
  })

  it('errors of one are recognised by the other, wherever an extension throws them', async () => {
    expect(
      await program(`
        class Broken {
          constructor() { throw new newer.DruidError('EXTENSION', 'no licence', { extension: 'x' }) }
        }
        const broken = newer.defineExtension({ name: 'broken', client: Broken })
        const limiting = newer.defineExtension({
          name: 'limiting',
          setup(context) {
            context.use(() => { throw new newer.DruidError('CAPACITY', 'slow down', { status: 429 }) })
          },
        })
        const druid = open(core, broken, limiting)
        try { druid.brokenClient() } catch (error) {
          said.constructed = [core.isExtensionError(error), error instanceof core.DruidError, error.message]
        }
        try { await druid.query('SELECT 1') } catch (error) {
          said.sent = [core.isDruidError(error, 'CAPACITY'), newer.isDruidError(error, 'CAPACITY')]
        }
        try { await druid.query('') } catch (error) {
          said.own = newer.isDruidError(error, 'INVALID_INPUT')
        }
      `),
    ).toEqual({
      constructed: [true, true, expect.stringContaining('no licence')],
      sent: [true, true],
      own: true,
    })
  })
})

describe('an extension built against another minor', () => {
  it('a newer one tests for the member it wants, and does without', async () => {
    expect(
      await program(`
        const careful = newer.defineExtension({
          name: 'careful',
          setup(context) {
            said[context.shutdown === undefined ? 'without' : 'with'] = true
            context.shutdown?.(() => { said.shutdown = true })
          },
        })
        said.older = open(core, careful).extensions()[0].status
        const druid = open(newer, careful)
        said.newer = druid.extensions()[0].status
        await druid.close()
      `),
    ).toEqual({ without: true, with: true, shutdown: true, older: 'active', newer: 'active' })
  })

  it('one that does not test for it fails whole, by name, and the others work', async () => {
    const { reports, good } = (await program(`
      const careless = newer.defineExtension({
        name: 'careless',
        setup(context) { context.shutdown(() => {}) },
      })
      const assigning = newer.defineExtension({ name: 'assigning', setup(context) { context.newest = 1 } })
      const defining = newer.defineExtension({ name: 'defining', newest: class {} })
      const good = core.defineExtension({ name: 'good', client: class {} })
      const druid = open(core, careless, assigning, defining, good)
      said.reports = druid.extensions().map(({ status, error }) => [status, error?.message])
      said.good = typeof druid.goodClient()
    `)) as { reports: [string, string | null][]; good: string }
    expect(reports).toEqual([
      ['active', null],
      ['failed', expect.stringMatching(/"careless": .*shutdown is not a function/)],
      ['failed', expect.stringMatching(/"assigning": .*"newest".*newer version of @druid\/core/)],
      ['failed', expect.stringMatching(/"defining": .*"newest".*newer version of @druid\/core/)],
    ])
    expect(good).toBe('object')
  })

  it('an older one works on a newer library, also with a member that came since', async () => {
    expect(
      await program(`
        class Old { constructor(client) { this.ping = () => client.ping() } }
        const old = core.defineExtension({ name: 'old', client: Old })
        const druid = open(newer, old)
        said.status = druid.extensions()[0].status
        said.ping = await druid.oldClient().ping()
      `),
    ).toEqual({ status: 'active', ping: true })
  })

  it('of the next API is refused by this one, and one of this API taken by the next', async () => {
    expect(
      await program(`
        const future = next.defineExtension({ name: 'future', client: class {} })
        const present = core.defineExtension({ name: 'present', client: class {} })
        const [refused] = open(core, future).extensions()
        said.refused = [refused.status, refused.error.message]
        said.taken = open(next, present).extensions()[0].status
      `),
    ).toEqual({
      refused: [
        'failed',
        expect.stringContaining(
          'built for extension API 2, and this version of @druid/core offers 1',
        ),
      ],
      taken: 'active',
    })
  })

  it('passes the compiler, and collides there', async () => {
    await writeFile(
      join(base, 'program.ts'),
      `import { connect } from './core/src/index.ts'
       import { defineExtension, type ExtensionHost as Host } from './core/src/extension.ts'
       import { connect as newerConnect } from './newer/src/index.ts'
       import { defineExtension as newerDefine, type ExtensionHost } from './newer/src/extension.ts'
       class Newer {
         readonly #client: ExtensionHost
         protected readonly kept = 1
         constructor(client: ExtensionHost) { this.#client = client }
         ping(): Promise<boolean> { return this.#client.ping() }
       }
       class Older {
         readonly #client: Host
         constructor(client: Host) { this.#client = client }
         rows(): Promise<object[]> { return this.#client.query('SELECT 1') }
       }
       const newer = newerDefine({ name: 'newer', client: Newer })
       const older = defineExtension({ name: 'older', client: Older })
       const one = connect('x', { extensions: [newer, older] })
       export const a: Newer = one.newerClient()
       export const b: Older = one.olderClient()
       const two = newerConnect('x', { extensions: [newer, older] })
       export const c: Newer = two.newerClient()
       export const d: Older = two.olderClient()
       new Older(two)
       // @ts-expect-error an older client has no ping()
       new Newer(one)
       // @ts-expect-error taken, though the two are of different copies
       connect('x', { extensions: [older, newerDefine({ name: 'older', client: Newer })] })
       // @ts-expect-error misspelt
       one.newestClient()
      `,
    )
    await writeFile(
      join(base, 'tsconfig.json'),
      JSON.stringify({
        extends: resolve(core, '../../tooling/tsconfig/base.json'),
        // The types of Node are those of the repository.
        compilerOptions: { typeRoots: [resolve(core, '../../node_modules/@types')] },
        include: ['program.ts'],
      }),
    )
    const tsc = resolve(core, '../../node_modules/.bin/tsc')
    const { stdout } = await promisify(execFile)(tsc, ['-p', base]).catch(
      (error: { stdout: string }) => error,
    )
    expect(stdout).toBe('')
  }, 60_000)
})

it('a released version is compared with the range that a package asks for', async () => {
  await copy('released')
  const manifest = JSON.parse(await readFile(join(core, 'package.json'), 'utf8')) as object
  const version = '2.3.4-rc.1'
  await writeFile(join(base, 'released/package.json'), JSON.stringify({ ...manifest, version }))
  const ranges = {
    '^2.3.4': true,
    '^2.0.0': true,
    '^1.9.9': false,
    '~2.3.0': true,
    '~2.2.9': false,
    '2.x': true,
    '2.2.x': false,
    '2': true,
    '=2.3.4': true,
    '>=1 <3': true,
    '>=1 <2.3': false,
    '>2.3.3': true,
    '>2.3.4': false,
    '<=2.3.4': true,
    '^1 || ^2': true,
    '^0.3.0 || ^1': false,
  }
  const apps = await Promise.all(
    Object.keys(ranges).map((range) =>
      application(['ext'], installed('ext', { peerDependencies: { '@druid/core': range } })),
    ),
  )
  const said = await inNode(`
    const { discover } = await import(${JSON.stringify(
      pathToFileURL(join(base, 'released/src/discover.ts')).href,
    )})
    const sets = await Promise.all(${JSON.stringify(apps)}.map((from) => discover({ from })))
    console.log(JSON.stringify(sets.map(({ extensions: [one] }) => one.warnings.length === 0)))
  `)
  const fits = Object.fromEntries(Object.keys(ranges).map((range, i) => [range, (said as [])[i]]))
  expect(fits).toEqual(ranges)
})

describe('import and require in one process', () => {
  it('give one library, and one extension', async () => {
    const code = `
      export const registerClient = (context) => context.define({ client: class Found {} })
      export default { '~druid': { apiVersion: 1 }, name: 'ext', registerClient }`
    const root = await application(['ext'], installed('ext', {}, code))
    expect(
      await inNode(`
        import { createRequire } from 'node:module'
        import * as core from '@druid/core'
        const require = createRequire(${JSON.stringify(join(root, 'main.js'))})
        const own = createRequire(${JSON.stringify(import.meta.filename)})
        const required = require('ext/register')
        const imported = await import(${JSON.stringify(
          pathToFileURL(join(root, 'node_modules/ext/register.js')).href,
        )})
        const extensions = [imported.default, required.default]
        const druid = core.connect('http://druid:8888', { extensions })
        console.log(JSON.stringify({
          library: own('@druid/core').connect === core.connect,
          errors: own('@druid/core/extension').DruidError === core.DruidError,
          extension: imported.default === required.default,
          reports: druid.extensions().map(({ status }) => status),
        }))
      `),
    ).toEqual({ library: true, errors: true, extension: true, reports: ['active'] })
  })

  it('of a package with a file for each, the second fails, and the first works', async () => {
    const register = (exporting: string): string =>
      `${exporting} { '~druid': { apiVersion: 1 }, name: 'ext', registerClient(c) { c.client = class Ext {} } }`
    const root = await application(['ext'], {
      ...installed('ext', {
        exports: { './register': { import: './register.js', require: './register.cjs' } },
      }),
      'node_modules/ext/register.js': register('export default'),
      'node_modules/ext/register.cjs': register('exports.default ='),
    })
    expect(
      await inNode(`
        import { createRequire } from 'node:module'
        import { connect } from '@druid/core'
        const require = createRequire(${JSON.stringify(join(root, 'main.js'))})
        const required = require('ext/register').default
        const { default: imported } = await import(${JSON.stringify(
          pathToFileURL(join(root, 'node_modules/ext/register.js')).href,
        )})
        const druid = connect('http://druid:8888', {
          extensions: [imported, required],
          onExtensionError: 'silent',
        })
        console.log(JSON.stringify([
          druid.extensions().map(({ status }) => status),
          druid.extension(required) === druid.extClient(),
        ]))
      `),
    ).toEqual([['active', 'failed'], true])
  })
})

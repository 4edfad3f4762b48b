import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { connect } from '@druid/core'
import { connect as connectAuto } from '@druid/core/auto'
import { discover } from '@druid/core/discover'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'

let base = ''
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'druid-discover-')))
})
afterAll(() => rm(base, { recursive: true }))

/** Path → content; objects become JSON. */
type Files = Record<string, string | object>

async function write(folder: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  }
}

let count = 0
/** A folder of its own with an application that depends on these packages. */
async function application(
  dependencies: readonly string[],
  files: Files = {},
  manifest: object = {},
): Promise<string> {
  count += 1
  const root = join(base, `app-${count}`)
  await write(root, {
    'package.json': {
      name: 'app',
      type: 'module',
      dependencies: Object.fromEntries(dependencies.map((name) => [name, '1.0.0'])),
      ...manifest,
    },
    ...files,
  })
  return root
}

/** Code of a `./register`: what it imports and how it says its name is its own affair. */
const register = (client: string): string => `
export function registerClient(context) {
  context.client = class ${client} {}
}
`
const EXPLODING = 'throw new Error("must not be imported")'

/** The files of an installed package in `node_modules`. */
function installed(name: string, manifest: object = {}, code = register('Found')): Files {
  return {
    [`node_modules/${name}/package.json`]: {
      name,
      version: '1.2.3',
      type: 'module',
      keywords: ['druid-extension'],
      exports: { './register': './register.js' },
      ...manifest,
    },
    [`node_modules/${name}/register.js`]: code,
  }
}

/** What discover() came to, in short. */
async function found(from: string | URL): Promise<{ names: string[]; reports: string[] }> {
  const { extensions, reports } = await discover({ from })
  return {
    names: extensions.map((one) => one.extension.name),
    reports: reports.map(({ name, status, error }) =>
      error === undefined ? `${name} ${status}` : `${name} ${status}: ${error.message}`,
    ),
  }
}

describe('discover() finds', () => {
  it('direct dependencies with the keyword, in the order of their names', async () => {
    const root = await application(['zeta', '@acme/druid-imply', 'druid-ranger', 'plain'], {
      ...installed('zeta'),
      ...installed('@acme/druid-imply'),
      ...installed('druid-ranger', { druid: { extension: 'policies', apiVersion: 1 } }),
      ...installed('plain', { keywords: ['druid'] }, EXPLODING),
    })
    const set = await discover({ from: root })
    expect(set.root).toBe(root)
    expect(set.reports).toEqual([])
    expect(set.extensions).toMatchObject([
      {
        extension: { name: 'imply', '~druid': { apiVersion: 1 } },
        package: {
          name: '@acme/druid-imply',
          version: '1.2.3',
          path: join(root, 'node_modules/@acme/druid-imply'),
        },
        allowed: false,
        ms: expect.any(Number),
      },
      { extension: { name: 'policies' } },
      { extension: { name: 'zeta' } },
    ])
    const druid = connect('http://druid:8888', { discovered: set })
    expect(druid.extension('policies')?.constructor.name).toBe('Found')
    expect(druid.extensions()).toMatchObject([
      { name: 'imply', status: 'active', source: 'discovered', methods: ['implyClient'] },
      { name: 'policies', methods: ['policiesClient'] },
      { name: 'zeta' },
    ])
  })

  it('nothing of a package that is only a dependency of a dependency', async () => {
    const root = await application(['direct'], {
      ...installed('direct', { dependencies: { transitive: '1.0.0' } }),
      // npm puts it beside its user.
      ...installed('transitive', {}, EXPLODING),
      'node_modules/direct/node_modules/nested/package.json': 'no JSON at all',
    })
    expect(await found(root)).toEqual({ names: ['direct'], reports: [] })
  })

  it('optional dependencies that are installed, and with dev the development ones', async () => {
    const root = await application(
      [],
      { ...installed('optional'), ...installed('development') },
      {
        optionalDependencies: { optional: '1', missing: '1' },
        devDependencies: { development: '1' },
      },
    )
    expect(await found(root)).toEqual({ names: ['optional'], reports: [] })
    const all = await discover({ from: root, dev: true })
    expect(all.extensions.map(({ extension }) => extension.name)).toEqual([
      'development',
      'optional',
    ])
  })

  it('packages linked as pnpm does, with their own dependencies', async () => {
    const root = await application(['linked'])
    const store = 'node_modules/.pnpm'
    await write(root, {
      [`${store}/linked@1.2.3/node_modules/linked/package.json`]: {
        name: 'linked',
        version: '1.2.3',
        type: 'module',
        keywords: ['druid-extension'],
        exports: { './register': './register.js' },
      },
      [`${store}/linked@1.2.3/node_modules/linked/register.js`]:
        "import { name } from 'helper'\nexport function registerClient(context) { context.summary = name }",
      [`${store}/helper@1.0.0/node_modules/helper/package.json`]: {
        name: 'helper',
        type: 'module',
        exports: './index.js',
      },
      [`${store}/helper@1.0.0/node_modules/helper/index.js`]: "export const name = 'of the helper'",
    })
    const linked = join(root, store, 'linked@1.2.3/node_modules')
    await symlink(join(linked, 'linked'), join(root, 'node_modules/linked'))
    await symlink(join(root, store, 'helper@1.0.0/node_modules/helper'), join(linked, 'helper'))
    const set = await discover({ from: root })
    expect(set.extensions[0]?.package.path).toBe(join(linked, 'linked'))
    const druid = connect('http://druid:8888', { discovered: set })
    expect(druid.extensions()[0]?.summary).toBe('of the helper')
  })

  it("a workspace package's dependencies, hoisted above it", async () => {
    const root = await application(['of-the-root'], {
      ...installed('of-the-root', {}, EXPLODING),
      ...installed('hoisted'),
      'apps/one/package.json': { name: 'one', dependencies: { hoisted: '1' } },
    })
    expect(await found(join(root, 'apps/one'))).toEqual({ names: ['hoisted'], reports: [] })
  })
})

describe('discover() looks for the application', () => {
  it('from a module, a folder, or a build folder with a marker', async () => {
    const root = await application(['ext'], {
      ...installed('ext'),
      'src/deep/main.js': '',
      'dist/package.json': { type: 'module' },
      'dist/main.js': '',
    })
    for (const from of [
      pathToFileURL(join(root, 'src/deep/main.js')),
      pathToFileURL(join(root, 'src/deep/main.js')).href,
      pathToFileURL(join(root, 'dist/main.js')).href,
      join(root, 'src/deep/main.js'),
      join(root, 'src/deep'),
      `${root}/`,
      join(root, 'not/there/yet.js'),
    ]) {
      expect(await found(from), String(from)).toEqual({ names: ['ext'], reports: [] })
    }
  })

  it('from the working directory by default, also by a relative path', async () => {
    const root = await application(['ext'], { ...installed('ext'), 'src/main.js': '' })
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(join(root, 'src'))
    const byDefault = await discover()
    const relative = await discover({ from: '.' })
    cwd.mockRestore()
    expect(byDefault.root).toBe(root)
    expect(relative.root).toBe(root)
    expect(byDefault.extensions).toHaveLength(1)
  })

  it('not above a folder node_modules', async () => {
    const root = await application(['ext'], {
      ...installed('ext'),
      'node_modules/tool/lib/main.js': '',
    })
    const { names, reports } = await found(join(root, 'node_modules/tool/lib/main.js'))
    expect(names).toEqual([])
    expect(reports).toEqual([expect.stringMatching(/no package\.json of an application was found/)])
  })

  it.each<[string, string]>([
    ['a URL that is no file', 'https://example.org/main.js'],
    ['a file URL of another host', 'file://host/main.js'],
  ])('and reports %s', async (_, from) => {
    if (from.startsWith('https:')) {
      expect((await found(new URL(from))).reports).toEqual([
        expect.stringMatching(/^discovery failed/),
      ])
    } else expect((await found(from)).reports).toHaveLength(1)
  })

  it('and reports where there is none, saying what to do', async () => {
    const set = await discover({ from: '/' })
    expect(set).toMatchObject({ root: undefined, extensions: [] })
    expect(set.reports).toMatchObject([
      {
        name: 'discovery',
        status: 'failed',
        error: { code: 'EXTENSION', message: expect.stringContaining('extensions: [') },
      },
    ])
    const told: string[] = []
    connect('http://druid:8888', {
      discovered: set,
      onExtensionError: (report) => told.push(report.name),
    })
    expect(told).toEqual(['discovery'])
  })

  it('and reports a manifest that is broken', async () => {
    const root = await application([], { 'package.json': '{ "name": ' })
    expect((await found(root)).reports).toEqual([expect.stringMatching(/package\.json cannot be/)])
  })
})

describe('the entry', () => {
  async function entryOf(
    manifest: object,
    files: Files,
  ): Promise<{ names: string[]; reports: string[] }> {
    const own = Object.entries(files).map(([path, content]) => [
      `node_modules/ext/${path}`,
      content,
    ])
    const root = await application(['ext'], {
      'node_modules/ext/package.json': {
        name: 'ext',
        version: '1.0.0',
        keywords: ['druid-extension'],
        ...manifest,
      },
      ...Object.fromEntries(own),
    })
    return found(root)
  }
  const good = { names: ['ext'], reports: [] }

  it.each<[string, unknown]>([
    ['a path', { './register': './r.mjs' }],
    ['the condition import', { './register': { types: './no.d.ts', import: './r.mjs' } }],
    ['the condition default', { './register': { require: './no.cjs', default: './r.mjs' } }],
    ['the first condition that fits', { './register': { node: './r.mjs', default: './no.js' } }],
    ['nested conditions', { './register': { node: { browser: './no.js', import: './r.mjs' } } }],
    ['an array', { './register': [{ browser: './no.js' }, './r.mjs'] }],
    ['a pattern', { './*': './*.mjs', './register': './r.mjs' }],
    ['a hidden package.json', { '.': './no.js', './package.json': null, './register': './r.mjs' }],
  ])('is found by exports with %s', async (_, exports) => {
    expect(await entryOf({ exports }, { 'r.mjs': register('A') })).toEqual(good)
  })

  it.each<[string, unknown]>([
    ['any subpath', { './*': './dist/*.mjs' }],
    ['any subpath of an ending', { './*': './no/*', './reg*': './dist/reg*.mjs' }],
    ['conditions of any subpath', { './*': { import: './dist/*.mjs' } }],
  ])('is found by exports with a pattern for %s', async (_, exports) => {
    expect(await entryOf({ exports }, { 'dist/register.mjs': register('A') })).toEqual(good)
  })

  it.each(['register.js', 'register.mjs', 'register/index.js'])(
    'is %s in a package without exports',
    async (file) => {
      expect(await entryOf({ type: 'module' }, { [file]: register('A') })).toEqual(good)
    },
  )

  it.each<[string, string]>([
    ['registerClient', 'exports.registerClient = (context) => { context.client = class A {} }'],
    ['a whole', 'module.exports = { registerClient(context) { context.client = class A {} } }'],
    [
      'a default that TypeScript compiled',
      `Object.defineProperty(exports, '__esModule', { value: true })
       exports.default = { registerClient(context) { context.client = class A {} } }`,
    ],
  ])('may be CommonJS that exports %s', async (_, code) => {
    expect(
      await entryOf({ exports: { './register': './register.cjs' } }, { 'register.cjs': code }),
    ).toEqual(good)
  })

  it('may be a definition, whose name counts', async () => {
    const code = `
      export const registerClient = (context) => context.define({ client: class A {} })
      export default { '~druid': { apiVersion: 1 }, name: 'its-own', registerClient }`
    const exports = { './register': './r.mjs' }
    expect(await entryOf({ exports }, { 'r.mjs': code })).toEqual({
      names: ['its-own'],
      reports: [],
    })
  })

  it.each<[string, object, Files, RegExp]>([
    ['no "./register" in exports', { exports: './index.js' }, {}, /exports have no "\.\/register"/],
    ['no file and no exports', {}, {}, /exports have no "\.\/register"/],
    [
      'only a browser condition',
      { exports: { './register': { browser: './r.js' } } },
      {},
      /have no/,
    ],
    ['an entry outside', { exports: { './register': './../../x.js' } }, {}, /outside the package/],
    ['an absolute entry', { exports: { './register': '/etc/x.js' } }, {}, /outside the package/],
    ['an entry that is a package', { exports: { './register': 'other' } }, {}, /outside/],
    ['a file that is missing', { exports: { './register': './r.mjs' } }, {}, /Cannot find module/],
    [
      'another export',
      { exports: { './register': './r.mjs' } },
      { 'r.mjs': 'export const a = 1' },
      /no function registerClient/,
    ],
    [
      'code that throws',
      { exports: { './register': './r.mjs' } },
      { 'r.mjs': 'throw new Error("at once")' },
      /at once/,
    ],
    [
      'code that throws nothing',
      { exports: { './register': './r.mjs' } },
      { 'r.mjs': 'throw undefined' },
      /undefined/,
    ],
    [
      'code that is none',
      { exports: { './register': './r.mjs' } },
      { 'r.mjs': 'export {' },
      /ext failed/,
    ],
    [
      'a newer apiVersion',
      { druid: { apiVersion: 2 }, exports: { './register': './r.mjs' } },
      { 'r.mjs': EXPLODING },
      /API 2, and this version of @druid\/core offers 1; update/,
    ],
    [
      'an apiVersion that is none',
      { druid: { apiVersion: 'x' }, exports: { './register': './r.mjs' } },
      { 'r.mjs': EXPLODING },
      /API x/,
    ],
    [
      'a name that is none',
      { druid: { extension: 'No Name' }, exports: { './register': './r.mjs' } },
      { 'r.mjs': EXPLODING },
      /"No Name" is no name/,
    ],
  ])('is reported with %s', async (_, manifest, files, why) => {
    const { names, reports } = await entryOf(manifest, files)
    expect(names).toEqual([])
    expect(reports).toEqual([expect.stringMatching(why)])
    expect(reports[0]).toMatch(/failed: extension ".*" \(ext 1\.0\.0, .*node_modules.ext\)/)
  })

  it('that fails to open a file is reported, also without a version', async () => {
    const code = "import { readFileSync } from 'node:fs'\nreadFileSync('/not/there')"
    const manifest = { version: undefined, exports: { './register': './r.mjs' } }
    const { reports } = await entryOf(manifest, { 'r.mjs': code })
    expect(reports).toEqual([expect.stringContaining('/not/there')])
  })

  it('that hangs is given up, and the others are used', async () => {
    const root = await application(['hanging', 'ext'], {
      ...installed('hanging', {}, 'await new Promise(() => {})'),
      ...installed('ext'),
    })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let others = 0
    const running = discover({
      from: root,
      importModule: (specifier) =>
        import(/* @vite-ignore */ specifier).finally(() => {
          others += 1
        }),
    })
    while (others === 0 || vi.getTimerCount() !== 1) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    vi.advanceTimersByTime(10_000)
    vi.useRealTimers()
    const set = await running
    expect(set.extensions.map(({ extension }) => extension.name)).toEqual(['ext'])
    expect(set.reports[0]?.error?.message).toContain('took longer than 10 s')
  })

  it('is imported by the host where it gives a function', async () => {
    const root = await application(['ext'], installed('ext', {}, EXPLODING))
    const asked: string[] = []
    const set = await discover({
      from: root,
      importModule: async (specifier) => {
        asked.push(specifier)
        return { registerClient() {} }
      },
    })
    expect(asked).toEqual([pathToFileURL(join(root, 'node_modules/ext/register.js')).href])
    expect(set.extensions).toHaveLength(1)
  })
})

describe('one package', () => {
  it('with a broken package.json fails alone', async () => {
    const root = await application(['broken', 'ext', 'list'], {
      ...installed('ext'),
      'node_modules/broken/package.json': '{',
      'node_modules/list/package.json': '[]',
    })
    const { names, reports } = await found(root)
    expect(names).toEqual(['ext'])
    expect(reports).toEqual([
      expect.stringMatching(/^broken failed.*JSON/),
      expect.stringMatching(/^list failed.*holds no object/),
    ])
  })

  it('with a byte order mark or odd keywords is read', async () => {
    const root = await application(['bom', 'odd'], {
      ...installed('bom'),
      ...installed('odd', { keywords: 'druid-extension' }, EXPLODING),
    })
    const manifest = { name: 'bom', type: 'module', keywords: ['druid-extension'] }
    await write(root, { 'node_modules/bom/package.json': `\ufeff${JSON.stringify(manifest)}` })
    expect(await found(root)).toEqual({ names: ['bom'], reports: [] })
  })

  it('without a package.json is nothing', async () => {
    const root = await application(['empty'], { 'node_modules/empty/index.js': '' })
    expect(await found(root)).toEqual({ names: [], reports: [] })
  })
})

describe('the manifest of the application', () => {
  const packages = {
    ...installed('@acme/druid-a'),
    ...installed('@acme/druid-b'),
    ...installed('other'),
  }
  const names = ['@acme/druid-a', '@acme/druid-b', 'other']
  async function with_(extensions: object, code: Files = {}): Promise<string> {
    return application(names, { ...packages, ...code }, { druid: { extensions } })
  }

  it('denies packages, which are reported and not imported', async () => {
    const root = await with_({ deny: ['other'] }, installed('other', {}, EXPLODING))
    const set = await discover({ from: root })
    expect(set.extensions.map(({ extension }) => extension.name)).toEqual(['a', 'b'])
    expect(set.reports).toMatchObject([
      { name: 'other', status: 'denied', source: 'discovered', package: { name: 'other' } },
    ])
    expect(set.reports[0]).not.toHaveProperty('error')
    const told: string[] = []
    const druid = connect('http://druid:8888', {
      discovered: set,
      onExtensionError: (report) => told.push(report.name),
    })
    expect(told).toEqual([])
    expect(druid.extensions().at(-1)).toMatchObject({ name: 'other', status: 'denied' })
  })

  it('allows packages, and then no others', async () => {
    const root = await with_({ allow: ['other'] })
    const set = await discover({ from: root })
    expect(set.extensions).toMatchObject([{ extension: { name: 'other' }, allowed: true }])
    expect(set.reports.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'a denied',
      'b denied',
    ])
  })

  it('takes patterns, and denying comes before allowing', async () => {
    const root = await with_({ allow: ['@acme/*'], deny: ['@acme/druid-b'] })
    expect(await found(root)).toEqual({ names: ['a'], reports: ['b denied', 'other denied'] })
  })

  it('with a list that is none lets nothing in', async () => {
    const root = await with_({ allow: 'other' })
    expect(await found(root)).toEqual({
      names: [],
      reports: [expect.stringContaining('"druid.extensions.allow" must be a list')],
    })
  })
})

it('DRUID_EXTENSIONS=off turns it off', async () => {
  const root = await application(['ext'], installed('ext', {}, EXPLODING))
  vi.stubEnv('DRUID_EXTENSIONS', 'off')
  expect(await discover({ from: root })).toEqual({ root: undefined, extensions: [], reports: [] })
  vi.unstubAllEnvs()
})

describe('connect of @druid/core/auto', () => {
  it('discovers, then connects with the rest of its options', async () => {
    const root = await application(['ext'], installed('ext'))
    const druid = await connectAuto('http://druid:8888', {
      from: root,
      context: { a: 1 },
      extensionOptions: { ext: { b: 2 } },
    })
    expect(druid.extensions()).toMatchObject([{ name: 'ext', status: 'active' }])
    const client = druid as unknown as { extClient(): object }
    expect(client.extClient()).toBe(druid.extension('ext'))
  })

  it('starts at the working directory', async () => {
    const root = await application(['ext'], installed('ext'))
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(root)
    const druid = await connectAuto('http://druid:8888')
    cwd.mockRestore()
    expect(druid.extensions()).toMatchObject([{ name: 'ext', status: 'active' }])
  })

  it('refuses what connect refuses', async () => {
    const root = await application([])
    await expect(connectAuto('nowhere', { from: root })).rejects.toMatchObject({ code: 'CONFIG' })
    await expect(
      connectAuto('http://druid', { from: root, extension: [] } as object),
    ).rejects.toMatchObject({ code: 'CONFIG', option: 'extension' })
  })
})

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { discover } from '@druid/core/discover'
import { describe, expect, it, vi } from 'vitest'
import { application, EXPLODING, type Files, found, installed, register } from './application.ts'

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

  it('is that of the longest pattern, as Node has it', async () => {
    const files = { 'no.mjs': EXPLODING, 'yes.mjs': register('A') }
    for (const exports of [
      { './*': './no.mjs', './*ter': './yes.mjs' },
      { './*ter': './yes.mjs', './*': './no.mjs' },
    ]) {
      expect(await entryOf({ exports }, files)).toEqual(good)
    }
  })

  it('is none where the package says so, whatever else would fit', async () => {
    for (const exports of [
      { './register': { node: null, default: './r.mjs' } },
      { './register': null, './*': './*.mjs' },
    ]) {
      const { reports } = await entryOf(
        { exports },
        { 'r.mjs': EXPLODING, 'register.mjs': EXPLODING },
      )
      expect(reports).toEqual([expect.stringMatching(/exports have no "\.\/register"/)])
    }
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

  it('may be a definition that TypeScript compiled, whose name counts', async () => {
    const code = `
      Object.defineProperty(exports, '__esModule', { value: true })
      exports.default = {
        '~druid': { apiVersion: 1 },
        name: 'its-own',
        registerClient: (context) => context.define({ client: class A {} }),
      }`
    const exports = { './register': './register.cjs' }
    expect(await entryOf({ exports }, { 'register.cjs': code })).toEqual({
      names: ['its-own'],
      reports: [],
    })
  })

  it.each<[string, object, Files, RegExp]>([
    [
      'an entry in a package of its own',
      { exports: { './register': './node_modules/other/x.mjs' } },
      { 'node_modules/other/x.mjs': EXPLODING },
      /outside the package/,
    ],
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
      /this is no name for an extension/,
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

  it('that fails after it was given up makes no noise', async () => {
    const root = await application(['late'], installed('late', {}, EXPLODING))
    const unhandled: unknown[] = []
    const note = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', note)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let fail = (_: Error): void => {}
    const running = discover({
      from: root,
      importModule: () => new Promise((_, reject) => (fail = reject)),
    })
    while (vi.getTimerCount() !== 1) await new Promise((resolve) => setImmediate(resolve))
    vi.advanceTimersByTime(10_000)
    vi.useRealTimers()
    expect((await running).reports[0]?.error?.message).toContain('took longer than 10 s')
    fail(new Error('too late'))
    await new Promise((resolve) => setTimeout(resolve, 5))
    process.off('unhandledRejection', note)
    expect(unhandled).toEqual([])
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

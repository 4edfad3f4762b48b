import { describe, expect, it } from 'vitest'
import {
  type Files,
  MANIFEST,
  manifestWith,
  packageWith,
  problemsOf,
  untypedWith,
} from './package.ts'

const NOTHING = 'export {}'

/** The good package with these instead of its entries. */
function exportsWith(exports: unknown, files: Files = {}, more: object = {}): Promise<string> {
  return packageWith({ 'package.json': { ...MANIFEST, exports, ...more }, ...files })
}

const register = MANIFEST.exports['./register']
const self = { './package.json': './package.json' }

describe('R2', () => {
  it('finds that there is no ./register', async () => {
    expect(
      await problemsOf(await manifestWith({ exports: { '.': MANIFEST.exports['.'], ...self } })),
    ).toEqual([
      expect.stringMatching(/^R2 error: exports has no "\.\/register".*write "\.\/register": \{/),
    ])
  })

  it.each<[string, unknown, RegExp]>([
    ['one that can only be required', { require: './dist/register.js' }, /can only be required/],
    ['one that is null', null, /has no "\.\/register"/],
    ['one outside the package', '../druid-other/register.js', /out of the package/],
    ['one that comes back from outside', './../package/dist/register.js', /out of the package/],
    ['one in node_modules', './node_modules/x/register.js', /out of the package/],
  ])('finds %s', async (_, target, message) => {
    expect(await problemsOf(await exportsWith({ './register': target, ...self }))).toEqual([
      expect.stringMatching(new RegExp(`^R2 error: .*${message.source}`)),
    ])
  })

  it.each(['dist/index.js', 'dist/register.js'])('finds that %s is missing', async (file) => {
    expect(await problemsOf(await packageWith({ [file]: undefined }))).toEqual([
      expect.stringMatching(
        new RegExp(`^R2 error: .*${file} but the file does not exist; build it`),
      ),
    ])
  })

  it('finds code of another kind than its file says', async () => {
    const exports = { './register': './dist/register.cjs', ...self }
    const problems = await problemsOf(
      await exportsWith(exports, { 'dist/register.cjs': 'export function registerClient() {}' }),
    )
    expect(problems).toContainEqual(
      expect.stringMatching(/^R2 warning: .*\.cjs extension, but the code is written in ESM/),
    )
  })

  it('finds TypeScript, which Node does not run from node_modules', async () => {
    const files = { 'src/register.ts': NOTHING }
    const folder = await exportsWith({ './register': './src/register.ts', ...self }, files)
    expect((await problemsOf(folder))[0]).toMatch(
      /^R2 error: exports\["\.\/register"\] leads to TypeScript/,
    )
  })

  it('only warns where it is found without "exports"', async () => {
    const bare = 'export function registerClient(context) { context.client = class {} }'
    const folder = await packageWith({
      'package.json': { ...MANIFEST, exports: undefined },
      'register.js': bare,
    })
    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching(/^R2 warning: .* only because there is no "exports"/),
    ])
  })

  it('takes arrays, nested conditions and patterns as Node does', async () => {
    const nested = { './register': [{ node: { import: './dist/register.js' } }], ...self }
    expect(await problemsOf(await exportsWith(nested))).toEqual([])
    const pattern = { './*': { types: './dist/*.d.ts', default: './dist/*.js' }, ...self }
    expect(await problemsOf(await exportsWith(pattern))).toEqual([])
  })
})

describe('R3', () => {
  it('finds "types" behind what hides it', async () => {
    const { types, default: code } = register
    const exports = { ...MANIFEST.exports, './register': { import: code, types, default: code } }
    const problems = await problemsOf(await exportsWith(exports))
    expect(problems).toEqual([
      expect.stringMatching(/^R3 error: exports\["\.\/register"\]: "types" comes after/),
    ])
  })

  it('finds types that are not there', async () => {
    expect(await problemsOf(await packageWith({ 'dist/register.d.ts': undefined }))).toEqual([
      expect.stringMatching(/^R3 error: .*there is no "\.\/dist\/register\.d\.ts"/),
    ])
  })

  it('warns where there are none, or only such as lie beside the module', async () => {
    const exports = { ...MANIFEST.exports, '.': './dist/index.js' }
    expect(await problemsOf(await exportsWith(exports))).toEqual([
      expect.stringMatching(
        /^R3 warning: exports\["\."\] has no "types": .* because "\.\/dist\/index\.d\.ts" lies beside it/,
      ),
    ])
    expect(await problemsOf(await exportsWith(exports, { 'dist/index.d.ts': undefined }))).toEqual([
      expect.stringMatching(/^R3 warning: exports\["\."\] has no "types": its users get none/),
    ])
  })
})

describe('R8', () => {
  it('finds one file to import and another to require', async () => {
    const dual = { types: register.types, import: register.default, require: './dist/register.cjs' }
    const folder = await exportsWith(
      { ...MANIFEST.exports, './register': dual },
      { 'dist/register.cjs': 'exports.registerClient = () => {}' },
    )
    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching(
        /^R8 error: .*"\.\/dist\/register\.js" to import and "\.\/dist\/register\.cjs" to require/,
      ),
    ])
  })

  it('takes one file for both', async () => {
    const { types, default: code } = register
    const both = { types, import: code, require: code }
    expect(
      await problemsOf(await exportsWith({ ...MANIFEST.exports, './register': both })),
    ).toEqual([])
  })
})

describe('R17', () => {
  it('warns where package.json is hidden', async () => {
    const { './package.json': _, ...exports } = MANIFEST.exports
    expect(await problemsOf(await manifestWith({ exports }))).toEqual([
      expect.stringMatching(/^R17 warning: exports hides package\.json/),
    ])
  })
})

describe('publishConfig.exports', () => {
  const source = {
    'src/register.ts':
      'export function registerClient(context: { client: unknown }) { context.client = class {} }',
  }
  const published = { './register': register, ...self }

  it('may lead to what is not built yet, where exports lead to sources', async () => {
    const exports = { './register': './src/register.ts', ...self }
    const files = { ...source, 'dist/register.js': undefined, 'dist/register.d.ts': undefined }
    const folder = await exportsWith(exports, files, { publishConfig: { exports: published } })
    expect(await problemsOf(folder)).toEqual([])
  })

  it('are held to the same rules', async () => {
    const exports = { './register': './src/register.ts', ...self }
    const folder = await exportsWith(exports, source, {
      publishConfig: {
        exports: { './register': { import: './dist/a.js', require: './dist/b.cjs' } },
      },
    })
    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching(/^R8 error: publishConfig\.exports/),
      expect.stringMatching(/^R17 warning: publishConfig\.exports/),
    ])
  })
})

it('hostile exports are judged, too', async () => {
  const exports = JSON.parse(
    '{ "__proto__": { "./register": "./dist/register.js" }, "constructor": 1, "./register": [null, 5, {}] }',
  )
  const problems = await problemsOf(await untypedWith({ exports }))
  expect(problems[0]).toMatch(/^R2 error: exports has no "\.\/register"/)
})

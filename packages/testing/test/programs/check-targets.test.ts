import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gunzipSync, gzipSync } from 'node:zlib'
import { checkExtension } from '@druid/testing'
import { describe, expect, it, vi } from 'vitest'
import {
  core,
  GOOD,
  MANIFEST,
  manifestWith,
  newFolder,
  packageWith,
  problemsOf,
  REGISTER,
  registerWith,
  tarballOf,
  typescript,
  UNTYPED,
  write,
} from './package.ts'

const refused = (message: RegExp, option = 'target'): object => ({
  code: 'CONFIG',
  option,
  message: expect.stringMatching(message),
})

describe('a folder', () => {
  it('may be named by a path, a file: URL, or a URL', async () => {
    const folder = await registerWith('export {}')
    const problems = await checkExtension(folder)
    expect(problems.length).toBeGreaterThan(0)
    const { href } = pathToFileURL(folder)
    expect(await checkExtension(href)).toEqual(problems)
    expect(await checkExtension(new URL(href))).toEqual(problems)
  })

  it.each<[string, Record<string, string>, RegExp]>([
    ['without package.json', { 'index.js': '' }, /has no package\.json that can be read.*name the/],
    ['with one that is no JSON', { 'package.json': '{ name: ' }, /its package\.json is no JSON/],
    ['with one that is a list', { 'package.json': '[]' }, /its package\.json holds no object/],
    [
      'with a folder in its place',
      { 'package.json/x': '' },
      /has no package\.json that can be read/,
    ],
  ])('%s is refused', async (_, files, message) => {
    const folder = newFolder()
    await write(folder, files)
    await expect(checkExtension(folder)).rejects.toMatchObject(refused(message))
  })

  it('that is not there is refused', async () => {
    await expect(checkExtension('/nowhere/at/all')).rejects.toMatchObject(
      refused(/there is no folder or tarball \/nowhere\/at\/all/),
    )
    await expect(checkExtension(new URL('https://druid/'))).rejects.toMatchObject(
      refused(/is no path and no file: URL/),
    )
  })

  it('may have a package.json with a mark of its encoding', async () => {
    const folder = await registerWith(REGISTER)
    const file = join(folder, 'package.json')
    await writeFile(file, `\ufeff${await readFile(file, 'utf8')}`)
    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching(/^R2 warning: publint cannot judge the package/),
    ])
  })

  it('of two files, as the first extension of the documentation, has warnings only', async () => {
    const folder = newFolder()
    await write(folder, {
      'package.json': {
        name: 'druid-foo',
        version: '1.0.0',
        type: 'module',
        keywords: ['druid-extension'],
        exports: { './register': './register.js' },
      },
      'register.js': `
        class Foo { constructor(client) { this.client = client } }
        class Bar { constructor(service, client) { this.service = service } }
        export function registerClient(context) {
          context.summary = 'Foo'
          context.client = Foo
          context.roles = { bar: Bar }
        }`,
    })
    const found = (await checkExtension(folder)).map(({ rule, level }) => `${rule} ${level}`)
    expect(found).toEqual(['R3 warning', 'R7 warning', 'R15 warning', 'R17 warning'])
  })

  it('may be hostile', async () => {
    const folder = newFolder()
    const hostile = `{ "__proto__": { "keywords": ["druid-extension"] }, "constructor": { "name": 1 },
      "exports": "../../../etc/passwd", "publishConfig": { "exports": [] }, "dependencies": 5,
      "peerDependencies": { "__proto__": "1", "../../x": "1", "@druid/core": {} },
      "druid": { "__proto__": { "extension": "x" }, "extension": ["x"], "apiVersion": 1e400 } }`
    await write(folder, { 'package.json': hostile })
    const rules = (await checkExtension(folder)).map(({ rule }) => rule)
    expect(new Set(rules)).toEqual(new Set(['R1', 'R2', 'R3', 'R10', 'R14', 'R15', 'R17']))
  })

  it('is left as it was, and nothing of the check stays', async () => {
    const folder = await registerWith(REGISTER)
    const temporary = newFolder()
    await mkdir(temporary)
    vi.stubEnv('TMPDIR', temporary)
    vi.stubEnv('TEMP', temporary)
    const before = await readdir(folder, { recursive: true })
    await checkExtension(folder)
    vi.unstubAllEnvs()
    expect(await readdir(folder, { recursive: true })).toEqual(before)
    expect(await readdir(temporary)).toEqual([])
  })
})

describe('a tarball', () => {
  it('of a good package has no problems', async () => {
    expect(await problemsOf(await tarballOf(GOOD), { typescript })).toEqual([])
  })

  it('finds what it depends on beside it', async () => {
    const manifest = {
      ...(UNTYPED['package.json'] as object),
      dependencies: { 'druid-words': '1' },
    }
    const code = `import 'druid-words'\n${REGISTER}`
    const tarball = await tarballOf({ 'package.json': manifest, 'dist/register.js': code })
    expect(await problemsOf(tarball)).toEqual([
      expect.stringMatching(/^R4 error: .*find package 'druid-words'.*are looked for beside/),
    ])
    await write(join(dirname(tarball), 'node_modules/druid-words'), {
      'package.json': { name: 'druid-words', version: '1.0.0', exports: './words.js' },
      'words.js': '',
    })
    expect(await problemsOf(tarball)).toEqual([])
  })

  it('lacks what it does not name', async () => {
    const { peerDependencies: _, ...manifest } = UNTYPED['package.json'] as typeof MANIFEST
    const tarball = await tarballOf({ 'package.json': manifest, 'dist/register.js': REGISTER })
    const problems = await problemsOf(tarball)
    expect(problems).toContainEqual(expect.stringMatching(/^R4 error: .*package '@druid\/core'/))
    expect(problems).toContainEqual(expect.stringMatching(/^R7 error: it imports @druid\/core/))
  })

  it('holds no ranges of a workspace, and no TypeScript to run', async () => {
    const tarball = await tarballOf({
      'package.json': {
        ...MANIFEST,
        exports: { './register': './register.ts', './package.json': './package.json' },
        peerDependencies: { '@druid/core': 'workspace:^' },
      },
      'register.ts': 'export function registerClient(): void {}',
    })
    expect(await problemsOf(tarball, { typescript })).toEqual([
      expect.stringMatching(/^R2 error: .*leads to TypeScript/),
      expect.stringMatching(/^R4 error: importing it fails: Stripping types/),
      expect.stringMatching(/^R14 error: .*means nothing outside its workspace/),
    ])
  })

  it('may hold paths of more than 100 characters', async () => {
    const deep = `dist/${'deep/'.repeat(25)}`
    const exports = { './register': `./${deep}register.js`, './package.json': './package.json' }
    const manifest = { ...MANIFEST, exports }
    const tarball = await tarballOf({ 'package.json': manifest }, [
      { name: 'register.js', data: REGISTER },
    ])
    await editHeader(tarball, 'register.js', (header) => {
      header.write(`package/${deep.slice(0, -1)}`, 345)
    })
    expect(await problemsOf(tarball)).toEqual([])
  })

  it.each(['package/../../evil.js', '/evil.js', 'C:\\evil.js', 'package/..\\..\\evil.js'])(
    'with the path %s is refused, and nothing of it written',
    async (path) => {
      const tarball = await tarballOf(GOOD, [{ name: 'placeholder', data: 'evil' }])
      await editHeader(tarball, 'placeholder', (header) => {
        header.fill(0, 0, 100).write(path, 0)
      })
      await expect(checkExtension(tarball)).rejects.toMatchObject(
        refused(/holds a path that leads out of the package/),
      )
      expect(existsSync(resolve('/evil.js'))).toBe(false)
      expect(existsSync(join(tmpdir(), 'evil.js'))).toBe(false)
    },
  )

  it('with a link is refused', async () => {
    const tarball = await tarballOf(GOOD, [{ name: 'package/link', data: 'x' }])
    await editHeader(tarball, 'package/link', (header) => {
      header.write('2', 156)
    })
    await expect(checkExtension(tarball)).rejects.toMatchObject(refused(/holds a symbolicLink/))
  })

  it('that is none is refused', async () => {
    const file = join(await packageWith(), 'none.tgz')
    await writeFile(file, 'no tarball')
    await expect(checkExtension(file)).rejects.toMatchObject(refused(/is no packed package/))
    await writeFile(file, gzipSync('no tarball either'.repeat(100)))
    await expect(checkExtension(file)).rejects.toMatchObject(refused(/none\.tgz/))
    await writeFile(file, gzipSync(new Uint8Array(300 * 1024 * 1024)))
    await expect(checkExtension(file)).rejects.toMatchObject(refused(/is no packed package/))
  })
})

describe('R14, with further copies of core', () => {
  const peers = { '@druid/core': '>=0.0.0 <2.0.0' }

  it('registers on each of them', async () => {
    const folder = await manifestWith({ peerDependencies: peers })
    const older = await coreLike('0.0.1')
    const newer = await coreLike('1.9.0', 'throw new Error("formatters are gone")')
    expect(await problemsOf(folder, { cores: [older, newer] })).toEqual([
      expect.stringMatching(/^R14 error: with @druid\/core 1\.9\.0: .*formatters are gone/),
    ])
  })

  it('says which one the package does not allow', async () => {
    const folder = await registerWith(REGISTER)
    expect(await problemsOf(folder, { cores: [await coreLike('99.0.0')] })).toEqual([
      expect.stringMatching(/^R14 warning: @druid\/core 99\.0\.0 was not tried/),
    ])
  })

  it('tells nothing twice', async () => {
    const folder = await registerWith('export {}')
    expect(await problemsOf(folder, { cores: [core] })).toEqual([
      expect.stringMatching(/^R4 error/),
    ])
  })

  it('refuses what is no core, or no whole one', async () => {
    const folder = await registerWith(REGISTER)
    const manifest = { name: '@druid/core', version: '0.0.1', exports: { '.': './index.js' } }
    const part = newFolder()
    await write(part, { 'package.json': manifest })
    await expect(checkExtension(folder, { cores: [part] })).rejects.toMatchObject(
      refused(/can be tried on: it has no "\.\/extension"/, 'cores'),
    )
    await expect(checkExtension(folder, { cores: [folder] })).rejects.toMatchObject(
      refused(/is not @druid\/core/, 'cores'),
    )
  })
})

/** A copy of core of another version; the code runs in place of what records an extension. */
async function coreLike(version: string, recording = ''): Promise<string> {
  const folder = newFolder()
  const source = (entry: string): string => pathToFileURL(join(core, 'src', `${entry}.ts`)).href
  const record = `import { recordExtension as record } from '${source('extension')}'
    export function recordExtension(...args) { ${recording}; return record(...args) }`
  await write(folder, {
    'package.json': {
      name: '@druid/core',
      version,
      type: 'module',
      exports: {
        '.': './index.js',
        './extension': './extension.js',
        './discover': './discover.js',
      },
    },
    'index.js': `export * from '${source('index')}'`,
    'extension.js': `export * from '${source('extension')}'\n${record}`,
    'discover.js': `export * from '${source('discover')}'`,
  })
  return folder
}

/** Changes the header of one entry of a tarball. */
async function editHeader(
  tarball: string,
  name: string,
  edit: (header: Buffer) => void,
): Promise<void> {
  const tar = gunzipSync(await readFile(tarball))
  const at = [...tar.keys()].find(
    (i) => i % 512 === 0 && tar.toString('latin1', i, i + name.length + 1) === `${name}\0`,
  )
  expect(at).toBeDefined()
  edit(tar.subarray(at, (at ?? 0) + 512))
  await writeFile(tarball, gzipSync(tar))
}

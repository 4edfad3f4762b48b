import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { druid } from '../druid.ts'

const own = resolve(import.meta.dirname, '../..')
let base = ''
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'druid-new-')))
})
afterAll(() => rm(base, { recursive: true }))

let count = 0
async function emptyFolder(): Promise<string> {
  count += 1
  const folder = join(base, String(count))
  await mkdir(folder)
  return folder
}

/** All files of a folder, by path. */
async function filesIn(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const read = files.map(async ({ parentPath, name }) => {
    const file = join(parentPath, name)
    return [file.slice(folder.length + 1), await readFile(file, 'utf8')] as const
  })
  return Object.fromEntries(await Promise.all(read))
}

describe('druid ext new', () => {
  it('writes a whole package: sources, tests, build, README', async () => {
    const folder = await emptyFolder()
    const { code, stdout, stderr } = await druid('ext new audit-log', folder)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('cd druid-audit-log')
    const files = await filesIn(folder)
    expect(Object.keys(files).sort()).toEqual(
      [
        '.gitignore',
        'README.md',
        'package.json',
        'src/client.ts',
        'src/index.ts',
        'src/register.ts',
        'src/service.ts',
        'test/druid.ts',
        'test/real/audit-log.test.ts',
        'test/types/audit-log.test-d.ts',
        'test/unit/audit-log.test.ts',
        'tsconfig.build.json',
        'tsconfig.json',
        'vitest.config.ts',
      ].map((file) => `druid-audit-log/${file}`),
    )
    for (const text of Object.values(files)) expect(text).not.toMatch(/foo/i)
    expect(files['druid-audit-log/src/register.ts']).toContain(
      [
        'export const auditLog = defineExtension({',
        "  name: 'audit-log',",
        "  summary: 'Audit log',",
        '  client: AuditLogClient,',
        "  roles: { 'audit-log': AuditLogService },",
        '})',
      ].join('\n'),
    )
  })

  it('says in package.json what discovery, tools and npm want to know', async () => {
    const folder = await emptyFolder()
    await druid('ext new @acme/druid-foo', folder)
    const manifest = JSON.parse(await readFile(join(folder, 'druid-foo/package.json'), 'utf8'))
    const { version } = JSON.parse(await readFile(join(own, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({
      name: '@acme/druid-foo',
      type: 'module',
      keywords: expect.arrayContaining(['druid-extension']),
      druid: { extension: 'foo', apiVersion: 1 },
      peerDependencies: { '@druid/core': `^${version}` },
      devDependencies: {
        '@druid/cli': `^${version}`,
        '@druid/cluster': `^${version}`,
        '@druid/core': `^${version}`,
        '@druid/local': `^${version}`,
        '@druid/testing': `^${version}`,
      },
    })
    expect(manifest.exports['./register']).toEqual({
      types: './dist/register.d.ts',
      default: './dist/register.js',
    })
    expect(manifest).not.toHaveProperty('dependencies')
  })

  it('asks for the tools that this repository is tested with', async () => {
    const folder = await emptyFolder()
    await druid('ext new tools --dir .', folder)
    const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    const catalog = await readFile(resolve(own, '../../pnpm-workspace.yaml'), 'utf8')
    const wanted = {
      typescript: '@typescript/native',
      vitest: 'vitest',
      '@types/node': '@types/node',
    }
    for (const [name, pinned] of Object.entries(wanted)) {
      const [, version] = new RegExp(`^ +'?${pinned}'?: .*?([0-9.]+)$`, 'm').exec(catalog) ?? []
      expect(`${name} ${manifest.devDependencies[name]}`).toBe(`${name} ^${version}`)
    }
  })

  it.each([
    ['foo', 'druid-foo', 'foo', 'foo'],
    ['druid-foo-bar', 'druid-foo-bar', 'foo-bar', 'fooBar'],
    ['@acme/ranger', '@acme/ranger', 'ranger', 'ranger'],
    // Words that a module cannot call a variable, or that its tests use.
    ['import', 'druid-import', 'import', 'importExtension'],
    ['await', 'druid-await', 'await', 'awaitExtension'],
    ['connect', 'druid-connect', 'connect', 'connectExtension'],
    ['services', 'druid-services', 'services', 'servicesExtension'],
    ['a1-2-b3', 'druid-a1-2-b3', 'a1-2-b3', 'a12B3'],
  ])('calls %s by names that fit', async (given, packageName, name, variable) => {
    const folder = await emptyFolder()
    expect(await druid(`ext new ${given} --dir made`, folder)).toMatchObject({ stderr: '' })
    const files = await filesIn(join(folder, 'made'))
    expect(JSON.parse(files['package.json'] ?? '')).toMatchObject({
      name: packageName,
      druid: { extension: name },
    })
    expect(files['src/register.ts']).toContain(`export const ${variable} = defineExtension({`)
    expect(files['src/register.ts']).toContain(`  name: '${name}',`)
    expect(files).toHaveProperty([`test/unit/${name}.test.ts`])
  })

  it.each([
    ['Audit', 'must be lower-case words'],
    ['audit_log', 'must be lower-case words'],
    ['druid-', 'must be lower-case words'],
    ['../evil', 'A scope is a word after an @'],
    ['@acme/x/y', 'must be lower-case words'],
    ['@Acme/x', 'A scope is a word after an @'],
    ['__proto__', 'must be lower-case words'],
    ['аudit', 'must be lower-case words'],
    [`a${'b'.repeat(300)}`, 'must be lower-case words'],
    ['historical', 'has methods of this name'],
    ['druid-cluster', 'has methods of this name'],
  ])('refuses %s, and writes nothing', async (name, why) => {
    const folder = await emptyFolder()
    const { code, stdout, stderr } = await druid(`ext new ${name}`, folder)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(why)
    expect(await readdir(folder)).toEqual([])
  })

  it('overwrites nothing, and then writes nothing', async () => {
    const folder = await emptyFolder()
    await writeFile(join(folder, 'LICENSE'), 'mine')
    await writeFile(join(folder, 'README.md'), 'mine')
    const { code, stdout, stderr } = await druid('ext new audit --dir .', folder)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('README.md is there already')
    expect((await readdir(folder)).sort()).toEqual(['LICENSE', 'README.md'])
    await rm(join(folder, 'README.md'))
    expect(await druid('ext new audit --dir .', folder)).toMatchObject({ code: 0 })
    expect(await readFile(join(folder, 'LICENSE'), 'utf8')).toBe('mine')
  })

  it('wants a name, and one place', async () => {
    const folder = await emptyFolder()
    expect(await druid('ext new', folder)).toMatchObject({ code: 2 })
    expect(await druid('ext new audit --in-repo', folder)).toMatchObject({
      code: 2,
      stderr: 'druid: --in-repo is for the repository of @druid/*; this is not in it\n',
    })
    expect(await druid('ext new audit --in-repo --dir x', own)).toMatchObject({ code: 2 })
    expect(await readdir(folder)).toEqual([])
  })
})

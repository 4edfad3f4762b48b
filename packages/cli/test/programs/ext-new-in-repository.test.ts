import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { druid, node, tsc } from '../druid.ts'
import { installExtension, writeRepository } from '../repository.ts'

describe('druid ext new in this repository', () => {
  let root = ''
  beforeAll(async () => {
    root = await realpath(await mkdtemp(join(tmpdir(), 'druid-repository-')))
    await writeRepository(root)
  })
  afterAll(() => rm(root, { recursive: true }))

  const tool = (path: string, ...args: string[]): ReturnType<typeof node> =>
    node([join(root, 'node_modules', path), ...args], root)

  it('writes extensions/<name>, and adds it to the root', async () => {
    const { code, stdout, stderr } = await druid('ext new audit-log', join(root, 'extensions'))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('wrote the package @druid/audit-log to extensions/audit-log')
    expect(stdout).toContain('./dev install')
    const manifest = await readFile(join(root, 'package.json'), 'utf8')
    const original = await readFile(new URL('../../../../package.json', import.meta.url), 'utf8')
    expect(manifest.replace('    "@druid/audit-log": "workspace:*",\n', '')).toBe(original)
    expect(manifest).not.toBe(original)
    await installExtension(root, 'audit-log')
  })

  it('writes it by the presets and rules of the others', async () => {
    const files = ['extensions', 'package.json']
    const biome = await tool('@biomejs/biome/bin/biome', 'check', '--error-on-warnings', ...files)
    expect(biome).toMatchObject({ code: 0, stdout: '' })
    expect(await tsc(root)).toEqual([])
  })

  it('passes its own tests at once', async () => {
    const outcome = await tool('vitest/vitest.mjs', 'run', '--project', 'unit')
    expect(outcome.code === 0 ? '' : outcome.stdout).toBe('')
    expect(outcome.stdout).toContain('audit-log.test.ts')
  })

  it('passes druid ext check at once', async () => {
    expect(await druid('ext check extensions/audit-log', root)).toEqual({
      code: 0,
      stdout: 'nothing is wrong\n',
      stderr: '',
    })
  })

  it('overwrites no package', async () => {
    const again = await druid('ext new audit-log', root)
    expect(again.code).toBe(1)
    expect(again.stderr).toContain('has a package @druid/audit-log already')
    expect((await druid('ext new local', root)).stderr).toContain('@druid/local already')
  })

  it('takes no name of somebody else', async () => {
    const { code, stderr } = await druid('ext new @acme/druid-audit', root)
    expect(code).toBe(2)
    expect(stderr).toContain('a package of this repository is called @druid/audit')
  })
})

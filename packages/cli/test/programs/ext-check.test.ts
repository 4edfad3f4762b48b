import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { application, register, write } from '../../../core/test/unit/application.ts'
import { druid, link } from '../druid.ts'

async function extension(manifest: object, code = register('Foo')): Promise<string> {
  const root = await application([])
  await link(root, 'core')
  const sound = {
    name: 'druid-foo',
    version: '1.0.0',
    type: 'module',
    keywords: ['druid-extension'],
    exports: {
      './register': { types: './register.d.ts', default: './register.js' },
      './package.json': './package.json',
    },
    peerDependencies: { '@druid/core': '^0.0.0' },
    druid: { extension: 'foo', apiVersion: 1 },
  }
  const types = `
    import type { RegistrationContext } from '@druid/core/extension'
    export declare function registerClient(context: RegistrationContext): void`
  await write(root, {
    'package.json': { ...sound, ...manifest },
    'register.js': code,
    'register.d.ts': types,
  })
  return root
}

describe('druid ext check', () => {
  it('finds nothing wrong with a sound package', async () => {
    expect(await druid('ext check', await extension({}))).toEqual({
      code: 0,
      stdout: 'nothing is wrong\n',
      stderr: '',
    })
  })

  it('says what is wrong by rule, with the file, and ends with 1', async () => {
    const root = await extension({ keywords: [], dependencies: { '@druid/core': '^0.0.0' } })
    const { code, stdout, stderr } = await druid(`ext check ${root}`, '/')
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toMatch(/^error {4}R1 {3}package\.json: .*"druid-extension"/m)
    expect(stdout).toMatch(/^error {4}R7 {3}package\.json: dependencies names @druid\/core/m)
    expect(stdout).toMatch(/^\d+ errors, \d+ warnings?\n$/m)
    expect(stdout).not.toContain('\u001b')
  })

  it('ends with 0 for warnings alone', async () => {
    const root = await extension({ peerDependencies: { '@druid/core': '>=0.0.0' } })
    const { code, stdout } = await druid('ext check', root)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^warning {2}R14 {2}package\.json: .*has no end/m)
    expect(stdout).toMatch(/^0 errors, 1 warning$/m)
  })

  it('is JSON with --json', async () => {
    const { code, stdout } = await druid('ext check --json', await extension({ keywords: [] }))
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toEqual([
      { rule: 'R1', level: 'error', message: expect.any(String), file: 'package.json' },
    ])
  })

  it('gives options to an extension that cannot do without', async () => {
    const code = `
      export function registerClient(context) {
        if (context.options?.key !== 1) throw new Error('key is missing')
      }`
    const root = await extension({}, code)
    const without = await druid('ext check', root)
    expect(without.code).toBe(1)
    expect(without.stdout).toContain('key is missing')
    expect(await druid('ext check --options {"key":1}', root)).toMatchObject({ code: 0 })
    expect(await druid('ext check --options {key', root)).toMatchObject({ code: 2 })
  })

  it('ends with 2 where there is no package', async () => {
    const { code, stdout, stderr } = await druid('ext check no-such-folder', '/')
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^druid: .*no-such-folder/)
  })

  it('leaves nothing behind after Ctrl-C', async () => {
    const root = await extension({}, `await new Promise(() => setInterval(() => {}, 1000))`)
    const temporary = join(root, 'tmp')
    await mkdir(temporary)
    const main = resolve(import.meta.dirname, '../../src/main.ts')
    const child = spawn(process.execPath, [main, 'ext', 'check', root], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (it) => (said += it))
    while ((await readdir(temporary)).length === 0) await sleep(50)
    child.kill('SIGINT')
    expect(await once(child, 'exit')).toEqual([null, 'SIGINT'])
    expect(await readdir(temporary)).toEqual([])
    expect(said).toBe('')
  })
})

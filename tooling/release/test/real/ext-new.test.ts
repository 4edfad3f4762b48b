import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { installTarballs, pack, published } from '../../tarballs.ts'

const run = promisify(execFile)
const base = await realpath(await mkdtemp(join(tmpdir(), 'druid-ext-new-')))
afterAll(() => rm(base, { recursive: true, force: true }))

const own = join(base, 'druid-foo')
const application = join(base, 'application')

/** Without what this run of Vitest tells its own processes. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST') && name !== 'NODE_ENV'),
)

function npm(cwd: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error']
  const shell = process.platform === 'win32'
  return run('npm', [...args, ...quiet], {
    cwd,
    shell,
    env: { ...env, DRUID_URL: inject('druidUrl') },
  })
}

function druid(cwd: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const main = join(cwd, 'node_modules/@druid/cli/dist/main.js')
  return run(process.execPath, [main, ...args], { cwd, env })
}

const PROGRAM = `
import assert from 'node:assert/strict'
import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { connect as connectAuto } from '@druid/core/auto'
import { extensions } from './druid-extensions.ts'

const url = process.env.DRUID_URL ?? ''
const druid = connect(url, { extensions })
const tables: string[] = await druid.fooClient().tables('sys')
assert.ok(tables.includes('servers'))
await druid.close()

const auto = await connectAuto(url, { from: import.meta.url })
assert.deepEqual(await auto.fooClient().tables('sys'), tables)
await auto.close()

// @ts-expect-error nothing was discovered for it
connect(url, { extensions: [cluster] }).fooClient
console.log('done')
`

const TSCONFIG = {
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023', 'dom', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
  },
}

describe('an extension of druid ext new, outside the repository', () => {
  beforeAll(async () => {
    await pack()
    // The registry does not have them yet: the folder of the command stands for it.
    await mkdir(application)
    await installTarballs(application)
  })

  it('is written and installed', async () => {
    await run(process.execPath, [
      join(application, 'node_modules/@druid/cli/dist/main.js'),
      ...['ext', 'new', '@acme/druid-foo', '--dir', own],
    ])
    const file = join(own, 'package.json')
    const manifest = JSON.parse(await readFile(file, 'utf8'))
    for (const { name, tarball } of await published()) {
      manifest.devDependencies[name] = `file:${tarball}`
    }
    await writeFile(file, JSON.stringify(manifest))
    await npm(own, 'install')
  })

  it('passes druid ext check at once', async () => {
    expect(await druid(own, 'ext', 'check')).toEqual({ stdout: 'nothing is wrong\n', stderr: '' })
  })

  it('passes its own tests', async () => {
    const { stdout } = await npm(own, 'test')
    expect(stdout).toContain('test/unit/foo.test.ts')
  })

  it('passes its own test against a real Druid', async () => {
    const { stdout } = await npm(own, 'run', 'test:real')
    expect(stdout).toContain('test/real/foo.test.ts')
  })

  it('passes druid ext check as a tarball, as npm packs it', async () => {
    await npm(own, 'pack', '--pack-destination', base)
    const tarball = join(base, 'acme-druid-foo-0.1.0.tgz')
    const { stdout } = await druid(own, 'ext', 'check', tarball)
    expect(stdout).toBe('nothing is wrong\n')
    await npm(application, 'install', tarball, '@types/node')
  })

  it('works in an application, listed by druid ext sync and typed by druid ext types', async () => {
    const listed = await druid(application, 'ext', 'list', '--load')
    expect(listed.stdout).toMatch(/^foo +@acme\/druid-foo +0\.1\.0 +active +fooClient/m)
    await druid(application, 'ext', 'sync', '--out', 'druid-extensions.ts')
    await druid(application, 'ext', 'types')
    await writeFile(join(application, 'main.ts'), PROGRAM)
    await writeFile(join(application, 'tsconfig.json'), JSON.stringify(TSCONFIG))
    const tsc = join(own, 'node_modules/typescript/bin/tsc')
    const types = run(process.execPath, [tsc, '-p', application])
    expect((await types.catch((error) => error)).stdout).toBe('')
    const program = [join(application, 'main.ts')]
    const { stdout } = await run(process.execPath, program, {
      env: { ...env, DRUID_URL: inject('druidUrl') },
    })
    expect(stdout).toBe('done\n')
  })
})

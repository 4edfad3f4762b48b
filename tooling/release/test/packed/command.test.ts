import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, inject, it } from 'vitest'
import { temporaryFolder, write } from './files.ts'

const run = promisify(execFile)
const require = createRequire(import.meta.url)
const yarn = join(dirname(require.resolve('@yarnpkg/cli-dist/package.json')), 'bin', 'yarn.js')
const shell = process.platform === 'win32'
const base = await temporaryFolder()

const tarballs = Object.fromEntries(
  inject('published').map(({ name, tarball }) => [name, `file:${tarball}`]),
)
const MANIFEST = {
  name: 'app',
  version: '1.0.0',
  private: true,
  type: 'module',
  dependencies: { '@druid/imply': tarballs['@druid/imply'] },
  devDependencies: { '@druid/cli': tarballs['@druid/cli'], '@druid/core': tarballs['@druid/core'] },
}

/** Each with what makes a folder its own, how it installs, and how it runs a command of a package. */
const MANAGERS = [
  {
    name: 'npm',
    // What an application has itself serves what its packages ask for, too.
    files: {
      'package.json': { ...MANIFEST, devDependencies: { ...tarballs, '@druid/imply': undefined } },
    },
    install: ['npm', 'install', '--no-audit', '--no-fund', '--loglevel=error'],
    druid: ['npx', 'druid'],
  },
  {
    name: 'pnpm',
    files: {
      'package.json': MANIFEST,
      // JSON is YAML.
      'pnpm-workspace.yaml': { autoInstallPeers: false, overrides: tarballs },
    },
    install: ['pnpm', 'install', '--no-frozen-lockfile', '--prefer-offline'],
    druid: ['pnpm', 'exec', 'druid'],
  },
  {
    name: 'Yarn PnP',
    files: { 'package.json': { ...MANIFEST, resolutions: tarballs }, 'yarn.lock': '' },
    install: [process.execPath, yarn, 'install'],
    druid: [process.execPath, yarn, 'druid'],
  },
] as const

describe.each(MANAGERS)('druid installed by $name', ({ name, files, install, druid }) => {
  const cwd = join(base, name.replace(' ', '-'))
  const started = async (
    [command, ...args]: readonly [string, ...string[]],
    ...more: string[]
  ): Promise<{ stdout: string; stderr: string }> => {
    const registry = await run('npm', ['config', 'get', 'registry'], { shell })
    const env = {
      YARN_NPM_REGISTRY_SERVER: registry.stdout.trim().replace(/\/$/, ''),
      YARN_ENABLE_TELEMETRY: 'false',
      YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
      ...process.env,
    }
    return run(command, [...args, ...more], { cwd, env, shell })
  }

  it('loads the extensions of its own project', async () => {
    await write(cwd, files)
    await started(install)
    const { stdout } = await started(druid, 'ext', 'list', '--load', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      root: cwd,
      loaded: true,
      extensions: [{ name: 'imply', status: 'active', methods: ['implyClient'] }],
    })
    expect((await started(druid, 'ext', 'sync')).stdout).toBe('wrote src/druid-extensions.ts\n')
  })

  it('loads none of another project', async () => {
    const other = join(base, 'other')
    await write(other, { 'package.json': { name: 'other', dependencies: { 'druid-evil': '1' } } })
    await write(join(other, 'node_modules/druid-evil'), {
      'package.json': {
        name: 'druid-evil',
        keywords: ['druid-extension'],
        exports: { './register': './register.js' },
      },
      'register.js': 'process.exit(7)',
    })
    const args = ['ext', 'list', '--load', '--json', '--from', other]
    const outcome = await started(druid, ...args).catch((error) => error)
    expect(outcome.code).toBe(1)
    expect(outcome.stderr).toContain(`the extensions of ${other} are not loaded`)
    expect(JSON.parse(outcome.stdout)).toMatchObject({
      loaded: false,
      extensions: [{ name: 'evil', status: 'found' }],
    })
  })
})

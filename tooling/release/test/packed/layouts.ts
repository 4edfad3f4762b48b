/** An application with two extension packages, as package managers lay it out. */
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { EXTENSION_PACKAGES, type Tarballs } from './extension-packages.ts'
import { type Files, write } from './files.ts'

const run = promisify(execFile)
const require = createRequire(import.meta.url)
const yarn = join(dirname(require.resolve('@yarnpkg/cli-dist/package.json')), 'bin', 'yarn.js')

export interface Layout {
  readonly name: string
  readonly manager: 'npm' | 'pnpm' | 'yarn'
  /** The application is a package of a workspace, whose root has an extension of its own. */
  readonly workspace?: true
  /** pnpm's setting. */
  readonly hoist?: false
  /** What shows that it is this layout: paths in the outermost folder. */
  readonly there: readonly string[]
  readonly missing: readonly string[]
}

const HOISTED = 'node_modules/.pnpm/node_modules'

export const LAYOUTS: readonly Layout[] = [
  { name: 'npm', manager: 'npm', there: ['node_modules/druid-transitive'], missing: [] },
  {
    name: 'an npm workspace',
    manager: 'npm',
    workspace: true,
    there: ['node_modules/druid-transitive', 'node_modules/app'],
    missing: ['packages/app/node_modules'],
  },
  {
    name: 'pnpm',
    manager: 'pnpm',
    there: [`${HOISTED}/druid-transitive`],
    missing: ['node_modules/druid-transitive'],
  },
  {
    name: 'pnpm with hoist=false',
    manager: 'pnpm',
    hoist: false,
    there: ['node_modules/.pnpm'],
    missing: ['node_modules/druid-transitive', HOISTED],
  },
  {
    name: 'a pnpm workspace',
    manager: 'pnpm',
    workspace: true,
    there: ['node_modules/druid-transitive', `${HOISTED}/druid-plain`],
    missing: ['node_modules/druid-plain'],
  },
  {
    name: 'a pnpm workspace with hoist=false',
    manager: 'pnpm',
    workspace: true,
    hoist: false,
    there: ['node_modules/druid-transitive'],
    missing: ['node_modules/druid-plain', HOISTED],
  },
  { name: 'Yarn PnP', manager: 'yarn', there: ['.pnp.cjs'], missing: ['node_modules'] },
  {
    name: 'a Yarn PnP workspace',
    manager: 'yarn',
    workspace: true,
    there: ['.pnp.cjs'],
    missing: ['node_modules', 'packages/app/node_modules'],
  },
]

export interface Application {
  /** The folder of the application's package.json. */
  readonly folder: string
  /** What a program of it prints. */
  run(program: string, options: { readonly cwd: string; readonly args?: string[] }): Promise<string>
}

/** Writes the application into an empty folder and installs its dependencies. */
export async function install(
  layout: Layout,
  outermost: string,
  tarballs: Tarballs,
  program: Files,
): Promise<Application> {
  const { manager, workspace = false } = layout
  const tarball = (name: string): string => `file:${tarballs[name]}`
  const scoped = '@acme/druid-scoped'
  const transitive = 'druid-transitive'
  const sibling = manager === 'npm' ? '1.0.0' : 'workspace:*'
  const forced = { [transitive]: tarball(transitive) }
  const app = {
    name: 'app',
    version: '1.0.0',
    private: true,
    type: 'module',
    dependencies: {
      '@druid/core': tarball('@druid/core'),
      'druid-plain': tarball('druid-plain'),
      [scoped]: workspace ? sibling : tarball(scoped),
    },
  }
  const monorepo = {
    name: 'monorepo',
    private: true,
    workspaces: ['packages/*'],
    dependencies: forced,
  }
  const folder = workspace ? join(outermost, 'packages', 'app') : outermost
  if (workspace) {
    await write(join(outermost, 'packages', 'scoped'), EXTENSION_PACKAGES[scoped] as Files)
    await write(folder, { 'package.json': app })
  }
  await write(folder, program)
  const root = { ...(workspace ? monorepo : app), overrides: forced, resolutions: forced }
  await write(outermost, { 'package.json': root, ...settingsOf(layout, forced) })
  return { folder, run: await installed(manager, outermost) }
}

/** The file that makes a folder a project of its manager's own. */
function settingsOf({ manager, hoist, workspace }: Layout, overrides: object): Files {
  if (manager === 'yarn') return { 'yarn.lock': '' }
  if (manager === 'npm') return {}
  const settings = {
    // The library is a tarball here, which no registry can give for a peer.
    autoInstallPeers: false,
    overrides,
    ...(hoist === false && { hoist }),
    ...(workspace && { packages: ['packages/*'] }),
  }
  // JSON is YAML.
  return { 'pnpm-workspace.yaml': settings }
}

/** Installs, and gives what runs a program there. */
async function installed(manager: Layout['manager'], cwd: string): Promise<Application['run']> {
  if (manager === 'yarn') return installedByYarn(cwd)
  const flags =
    manager === 'npm'
      ? ['--no-audit', '--no-fund', '--loglevel=error']
      : ['--no-frozen-lockfile', '--prefer-offline']
  await run(manager, ['install', ...flags], { cwd, shell: process.platform === 'win32' })
  return async (program, { cwd: from, args = [] }) =>
    (await run(process.execPath, [program, ...args], { cwd: from })).stdout
}

async function installedByYarn(cwd: string): Promise<Application['run']> {
  const registry = await run('npm', ['config', 'get', 'registry'], {
    shell: process.platform === 'win32',
  })
  const env = {
    YARN_NPM_REGISTRY_SERVER: registry.stdout.trim().replace(/\/$/, ''),
    YARN_ENABLE_TELEMETRY: 'false',
    YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
    ...process.env,
  }
  await run(process.execPath, [yarn, 'install'], { cwd, env })
  // What `yarn node` sets, so that a program can be run from elsewhere.
  const asked = await run(process.execPath, [yarn, 'node', '-p', 'process.env.NODE_OPTIONS'], {
    cwd,
    env,
  })
  const NODE_OPTIONS = asked.stdout.trim()
  return async (program, { cwd: from, args = [] }) => {
    const options = { cwd: from, env: { ...process.env, NODE_OPTIONS } }
    return (await run(process.execPath, [program, ...args], options)).stdout
  }
}

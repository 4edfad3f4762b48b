import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { discover } from '@druid/core/discover'
import { afterAll, beforeAll } from 'vitest'

let base = ''
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'druid-discover-')))
})
afterAll(() => rm(base, { recursive: true }))

/** Path → content; objects become JSON. */
export type Files = Record<string, string | object>

export async function write(folder: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  }
}

let count = 0
/** A folder of its own with an application that depends on these packages. */
export async function application(
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
export const register = (client: string): string => `
export function registerClient(context) {
  context.client = class ${client} {}
}
`
export const EXPLODING = 'throw new Error("must not be imported")'

/** The files of an installed package in `node_modules`. */
export function installed(name: string, manifest: object = {}, code = register('Found')): Files {
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
export async function found(from: string | URL): Promise<{ names: string[]; reports: string[] }> {
  const { extensions, reports } = await discover({ from })
  return {
    names: extensions.map((one) => one.extension.name),
    reports: reports.map(({ name, status, error }) =>
      error === undefined ? `${name} ${status}` : `${name} ${status}: ${error.message}`,
    ),
  }
}

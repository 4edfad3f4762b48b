import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'
import { type Files, write } from './files.ts'

const common = { version: '1.0.0', type: 'module', keywords: ['druid-extension'] }
const importing = (name: string): string => `(globalThis.imported ??= []).push('${name}')\n`

/**
 * Three packages of strangers. `druid-plain` is for `import` only, hides its package.json, and
 * depends on `druid-transitive`, which is an extension too.
 */
export const EXTENSION_PACKAGES: Readonly<Record<string, Files>> = {
  'druid-plain': {
    'package.json': {
      ...common,
      name: 'druid-plain',
      exports: { './register': { import: './register.js' }, './package.json': null },
      peerDependencies: { '@druid/core': '*' },
      dependencies: { 'druid-transitive': '1.0.0' },
    },
    'register.js': `
      import { defineExtension } from '@druid/core/extension'
      ${importing('druid-plain')}
      class Plain {
        async hello() { return 'plain, beside ' + (await import('druid-transitive')).name }
      }
      export const plain = defineExtension({ name: 'plain', client: Plain })
      export const { registerClient } = plain
      export default plain`,
  },
  '@acme/druid-scoped': {
    'package.json': {
      ...common,
      name: '@acme/druid-scoped',
      exports: { './register': './register.js' },
      peerDependencies: { '@druid/core': '*' },
    },
    'register.js': `
      ${importing('@acme/druid-scoped')}
      class Scoped { async hello() { return 'scoped' } }
      export function registerClient(context) { context.client = Scoped }`,
  },
  'druid-transitive': {
    'package.json': {
      ...common,
      name: 'druid-transitive',
      exports: { '.': './index.js', './register': './register.js' },
    },
    'index.js': `export const name = 'transitive'`,
    'register.js': `
      ${importing('druid-transitive')}
      class Transitive { async hello() { return 'transitive' } }
      export function registerClient(context) { context.client = Transitive }`,
  },
}

/** Name of a package → file. */
export type Tarballs = Readonly<Record<string, string>>

/** These, made by `npm pack` in this folder, and the library's. */
export async function packTarballs(folder: string): Promise<Tarballs> {
  const tarballs: Record<string, string> = {}
  const sources: string[] = []
  for (const [name, files] of Object.entries(EXTENSION_PACKAGES)) {
    const source = join(folder, name)
    await write(source, files)
    sources.push(source)
    tarballs[name] = join(folder, `${name.replace('@', '').replace('/', '-')}-1.0.0.tgz`)
  }
  await promisify(execFile)('npm', ['pack', '--silent', '--pack-destination', folder, ...sources], {
    shell: process.platform === 'win32',
  })
  for (const { name, tarball } of inject('published')) tarballs[name] = tarball
  return tarballs
}

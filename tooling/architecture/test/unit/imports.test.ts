import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../../../..')

interface Import {
  readonly file: string
  readonly specifier: string
  readonly typeOnly: boolean
}

/** `import … from`, `export … from`, `import 'x'` and `import('x')`, in either kind of quotes. */
const FROM = /^(?:import|export)\s(type\s)?([^;'"]*?)from\s*['"]([^'"]+)['"]/gm
const BARE = /^import\s*['"]([^'"]+)['"]/gm
const CALL = /\bimport\(\s*['"`]([^'"`]+)['"`]/g

function importsIn(text: string): Omit<Import, 'file'>[] {
  const statements = [...text.matchAll(FROM)].map(([, type, names = '', specifier = '']) => {
    // `import { type A, type B } from` brings no code either.
    const named = names
      .replace(/[{}\s]/g, ' ')
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean)
    const typeOnly = type !== undefined || named.every((name) => name.startsWith('type '))
    return { specifier, typeOnly }
  })
  const others = [...text.matchAll(BARE), ...text.matchAll(CALL)]
  return [...statements, ...others.map(([, specifier = '']) => ({ specifier, typeOnly: false }))]
}

function importsOf(pattern: string): Import[] {
  return globSync(pattern, { cwd: root }).flatMap((file) =>
    importsIn(readFileSync(join(root, file), 'utf8')).map((it) => ({ file, ...it })),
  )
}

it('sees every form of import', () => {
  const code = [
    "import a from 'a'",
    'export { b } from "b"',
    "import type { C } from 'c'",
    "import { type D, type E } from 'd'",
    "import 'e'",
    'const f = await import("f")',
    "type G = typeof import('g')",
  ]
  expect(importsIn(code.join('\n')).map((it) => `${it.specifier} ${it.typeOnly}`)).toEqual([
    'a false',
    'b false',
    'c true',
    'd true',
    'e false',
    'f false',
    'g false',
  ])
})

/** The boxes of core, from the lowest up: code is imported from the same box or lower ones. */
const BOXES = [
  'error',
  'native',
  'sql',
  'transport',
  'result',
  'extension',
  'discovery',
  'metadata',
  'observe',
  'client',
]

/** Boxes that must not know those above even by type. */
const BLIND = ['error', 'native', 'sql', 'transport', 'result']

describe('the picture of docs/architecture.md', () => {
  const inCore = importsOf('packages/core/src/*/**/*.ts').filter((it) =>
    it.specifier.startsWith('.'),
  )
  const boxOf = (file: string): string => relative('packages/core/src', file).split('/')[0] ?? ''

  it('holds in core: nothing below knows anything above', () => {
    expect(inCore.length).toBeGreaterThan(50)
    const wrong = inCore.filter(({ file, specifier, typeOnly }) => {
      const from = boxOf(file)
      const to = boxOf(join(dirname(file), specifier))
      const upwards = BOXES.indexOf(to) > BOXES.indexOf(from)
      const allowed = typeOnly && !BLIND.includes(from)
      return BOXES.includes(from) && BOXES.includes(to) && upwards && !allowed
    })
    expect(wrong).toEqual([])
    expect(inCore.filter(({ file }) => !BOXES.includes(boxOf(file)))).toEqual([])
  })

  const PACKAGES = {
    'packages/core': ['#transport', 'ky', 'proxy-from-env'],
    'packages/cluster': ['@druid/core/extension'],
    'packages/format': ['@druid/core/extension', 'string-width'],
    'packages/local': [],
    'packages/testing': [
      '@druid/core',
      '@druid/core/discover',
      '@druid/core/extension',
      'nanotar',
      'publint',
      'publint/utils',
      'resolve.exports',
      'selfsigned',
      'semver',
      // In texts.
      '…/register',
      '${name}/register',
    ],
    'packages/cli': [
      '@druid/core',
      '@druid/core/discover',
      '@druid/core/extension',
      '@druid/format',
      '@druid/testing',
      'commander',
      'resolve.exports',
      // In the text of a file that it writes.
      '${specifier}',
    ],
    'extensions/datasketches': ['@druid/core/extension'],
    'extensions/imply': ['@druid/core', '@druid/core/extension'],
  }

  it('names every package', () => {
    const folders = globSync('{packages,extensions}/*/package.json', { cwd: root }).map(dirname)
    expect(Object.keys(PACKAGES).sort()).toEqual(folders.sort())
  })

  it('lets no package reach into the folder of another', () => {
    const within = importsOf('{packages,extensions}/*/src/**/*.ts').filter(({ specifier }) =>
      specifier.startsWith('.'),
    )
    expect(within.length).toBeGreaterThan(100)
    const wrong = within.filter(({ file, specifier }) => {
      const own = file.split('/').slice(0, 2).join('/')
      return !join(dirname(file), specifier).startsWith(`${own}/`)
    })
    expect(wrong).toEqual([])
  })

  it.each(Object.entries(PACKAGES))('lets %s import no more than it needs', (folder, allowed) => {
    const outside = importsOf(`${folder}/src/**/*.ts`)
      .map(({ specifier }) => specifier)
      .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
    expect([...new Set(outside)].filter((it) => !(allowed as string[]).includes(it))).toEqual([])
  })

  it('keeps Node out of what browsers load', () => {
    const universal = [
      'packages/{core,cluster,format}/src/**/*.ts',
      'packages/testing/src/{fake,suite}/**/*.ts',
      'packages/testing/src/fault/{arrived,fault,faults,problem,proxy,rule,server,tls}.ts',
      'extensions/*/src/**/*.ts',
    ]
    const node = universal
      .flatMap(importsOf)
      .filter(({ specifier }) => specifier.startsWith('node:'))
      .map(({ file }) => file)
    const expected = /^packages\/core\/src\/(transport\/node(-\w+)?|discovery\/\w+)\.ts$/
    expect(node.length).toBeGreaterThan(0)
    expect(node.filter((file) => !expected.test(file))).toEqual([])
  })
})

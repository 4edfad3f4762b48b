import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ownFolder, ownVersion } from '../own.ts'
import { camelCase, capitalized, isVariable, type Name } from './name.ts'

/** Path in the new package → text. */
export type Files = ReadonlyMap<string, string>

/** For a folder of its own, or for one in the repository of `@druid/*`. */
export type Kind = 'package' | 'repository'

/**
 * The files of a new extension. The template, a whole extension called `foo`, lies in the folder
 * `template` of this package.
 */
export async function filesOf(name: Name, kind: Kind): Promise<Files> {
  const sources = new Map([...(await read('extension')), ...(await read(kind))])
  const fill = filler(name, kind, [...sources.values()])
  return new Map([...sources].map(([path, text]) => [place(path, name), fill(path, text)]))
}

async function read(part: string): Promise<Map<string, string>> {
  const folder = join(ownFolder, 'template', part)
  const files = new Map<string, string>()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((it) => it.isFile())) {
    const file = join(entry.parentPath, entry.name)
    files.set(file.slice(folder.length + 1), await readFile(file, 'utf8'))
  }
  return files
}

/** Files that would mean something to npm where the template lies. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['_gitignore', '.gitignore'],
  ['_package.json', 'package.json'],
])

function place(path: string, { extension }: Name): string {
  const file = basename(path)
  return join(dirname(path), RENAMED.get(file) ?? file.replace(/^foo\./, `${extension}.`))
}

/** Where the template speaks of itself: as package, as a string, as a key, in a class or method, as a variable. */
const FOO = /druid-foo|(['"`])[fF]oo\1|(?<=\{ )foo(?=: )|Foo|foo(?=Client)|\bfoo\b/g

/** Puts the names in the place of `foo`. */
function filler(
  { packageName, extension }: Name,
  kind: Kind,
  texts: readonly string[],
): (path: string, text: string) => string {
  const word = camelCase(extension)
  const isUsed = (text: string): boolean => new RegExp(`\\b${word}\\b`).test(text.replace(FOO, ''))
  const variable = isVariable(word) && !texts.some(isUsed) ? word : `${word}Extension`
  const names: Readonly<Record<string, string>> = {
    'druid-foo': packageName,
    Foo: capitalized(word),
    foo: variable,
  }
  const named = (found: string, quote: string | undefined, at: number, text: string): string => {
    if (quote !== undefined) {
      const inside = found.includes('F') ? titled(extension) : extension
      return `${quote}${inside}${quote}`
    }
    const after = text.slice(at + found.length)
    if (found === 'foo' && after.startsWith('Client')) return word
    if (found === 'foo' && after.startsWith(': ')) return keyOf(extension)
    return names[found] ?? found
  }
  return (path, text) => {
    const filled = text.replace(FOO, named)
    if (path === '_package.json' && kind === 'package') return withVersions(filled)
    return kind === 'repository' ? byName(filled, packageName) : filled
  }
}

/** `audit-log` → `Audit log` */
function titled(extension: string): string {
  return capitalized(extension.replaceAll('-', ' '))
}

function keyOf(extension: string): string {
  return extension.includes('-') ? `'${extension}'` : extension
}

/** The packages of one version belong together. */
function withVersions(manifest: string): string {
  return manifest.replace(/("@druid\/\w+": )"\*"/g, `$1"^${ownVersion}"`)
}

/** In the repository nothing has to be built before tests import a package as its users do. */
function byName(text: string, packageName: string): string {
  return text
    .replaceAll("'../../src/index.ts'", `'${packageName}'`)
    .replaceAll("'../../src/register.ts'", `'${packageName}/register'`)
}

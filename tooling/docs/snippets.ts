import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** A TypeScript program in a Markdown file. */
export interface Snippet {
  /** `docs/errors.md:12`: file and line. */
  readonly place: string
  readonly code: string
  /** Whether it can be run, rather than only type-checked. */
  readonly runs: boolean
}

export const root: string = resolve(import.meta.dirname, '../..')

const FENCE = /(<!-- not run:[^\n]*-->\n+)?^```ts\n(.*?)^```$/gms

/** All snippets of the README, the docs and the packages' READMEs. */
export function snippets(): Snippet[] {
  const files = globSync(['*.md', 'docs/**/*.md', '{packages,extensions,examples}/*/README.md'], {
    cwd: root,
  })
  return files.sort().flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8')
    return [...text.matchAll(FENCE)].map((match) => {
      const [whole, mark, code = ''] = match
      const before = text.slice(0, match.index + whole.indexOf('```'))
      return { place: `${file}:${before.split('\n').length}`, code, runs: mark === undefined }
    })
  })
}

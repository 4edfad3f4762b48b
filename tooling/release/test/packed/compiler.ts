import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

export interface Compiler {
  readonly version: string
  /** A script of Node. */
  readonly tsc: string
}

function compiler(manifest: string, tsc = 'tsc'): Compiler {
  return { version: require(manifest).version, tsc: join(dirname(manifest), 'bin', tsc) }
}

/** The one that the project pins. */
export const PINNED = compiler(require.resolve('@typescript/native/package.json'))

/** The oldest that the types are for, to the newest. */
export const COMPILERS = [
  compiler(require.resolve('typescript-5.4/package.json')),
  compiler(require.resolve('typescript-5.9/package.json')),
  compiler(require.resolve('typescript/package.json'), 'tsc6'),
  PINNED,
]

/** A program on Node without the types of browsers, and one for browsers without those of Node. */
export const PLATFORMS = {
  node: {
    module: 'nodenext',
    moduleResolution: 'nodenext',
    lib: ['es2023', 'esnext.disposable'],
    types: ['node'],
    typeRoots: [dirname(dirname(require.resolve('@types/node/package.json')))],
  },
  browser: {
    module: 'esnext',
    moduleResolution: 'bundler',
    lib: ['es2023', 'dom', 'esnext.disposable'],
    types: [],
  },
} as const

/**
 * What the compiler says of the folder with these options, beside `strict` and no check of
 * declaration files: errors, and what it was asked to print. Nothing when all is well.
 */
export async function compile(
  { tsc }: Compiler,
  folder: string,
  options: Readonly<Record<string, unknown>>,
  include: readonly string[],
  ...flags: readonly string[]
): Promise<string> {
  const config = join(folder, 'tsconfig.json')
  const compilerOptions = { target: 'es2022', strict: true, skipLibCheck: true, ...options }
  await writeFile(config, JSON.stringify({ compilerOptions, include }))
  return new Promise((resolve, reject) => {
    const args = [tsc, '-p', config, ...flags]
    execFile(process.execPath, args, (error, stdout, stderr) => {
      const said = stdout + stderr
      if (error && said === '') reject(error)
      else resolve(said)
    })
  })
}

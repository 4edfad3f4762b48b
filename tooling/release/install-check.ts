/**
 * What a user gets: the packed tarballs, installed by npm into an empty project. Every entry can be
 * imported and required, type-checks, and the universal ones bundle for a browser without `node:`.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'esbuild'
import { installTarballs } from './tarballs.ts'

const run = promisify(execFile)

/** Entries that run only on Node. */
const NODE_ONLY = /^@druid\/(local|core\/(discover|auto))$/

const CONSUMER = `
import { connect, sql, type DruidClient } from '@druid/core'
import { cluster, dockerPorts } from '@druid/cluster'
import { imply, type ImplyClient } from '@druid/imply'
import { fetchTransport } from '@druid/core/fetch'
import { table } from '@druid/format'

const druid = connect('http://localhost:8888', {
  extensions: [cluster.with({ mapUrl: dockerPorts({ 8081: 18081 }) }), imply],
  transport: fetchTransport(),
})
export const client: ImplyClient = druid.implyClient()
export const status: Promise<Readonly<Record<string, number>>> = druid.cluster().coordinatorClient().loadStatus()
druid.cluster().talariaClient()
export async function page(name: string): Promise<string> {
  return table(await druid.query(sql<{ page: string }>\`SELECT page FROM wikipedia WHERE user = \${name}\`))
}
export const needs = (wants: DruidClient<typeof cluster | typeof imply>): void => void wants
needs(druid)
// @ts-expect-error not registered on this connection
connect('http://localhost:8888').implyClient()
`

const folder = await mkdtemp(join(tmpdir(), 'druid-install-'))
try {
  const packages = await installTarballs(folder)
  const entries = packages.flatMap((it) => it.entries)

  const imports = entries.map((entry) => `await import('${entry}')`).join('\n')
  await run(process.execPath, ['--input-type=module', '-e', imports], { cwd: folder })
  const requires = entries.map((entry) => `require('${entry}')`).join('\n')
  const oneClass = `
    const assert = require('node:assert')
    import('@druid/core').then((m) => assert.equal(m.DruidError, require('@druid/core/extension').DruidError))`
  await run(process.execPath, ['--input-type=commonjs', '-e', requires + oneClass], { cwd: folder })
  await run(join(folder, 'node_modules', '.bin', 'druid-local'), ['--help'])

  await writeFile(join(folder, 'consumer.ts'), CONSUMER)
  const tsc = createRequire(import.meta.url).resolve('@typescript/native/package.json')
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ] as const) {
    const flags = [
      '--noEmit',
      '--strict',
      '--target',
      'es2023',
      '--lib',
      'es2023,dom,esnext.disposable',
    ]
    const how = ['--module', module, '--moduleResolution', moduleResolution, '--types', '']
    await run(process.execPath, [join(tsc, '..', 'bin', 'tsc'), ...flags, ...how, 'consumer.ts'], {
      cwd: folder,
    })
  }

  for (const entry of entries.filter((it) => !NODE_ONLY.test(it))) {
    await bundleForBrowser(entry)
  }
  process.stdout.write(`installed and imported ${entries.length} entries\n`)
} catch (error) {
  const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
  process.stderr.write(`${(error as Error).message}\n${stdout}${stderr}\n`)
  process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}

async function bundleForBrowser(entry: string): Promise<void> {
  const result = await build({
    stdin: { contents: `export * from '${entry}'`, resolveDir: folder },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    external: ['node:*'],
    write: false,
    logLevel: 'silent',
  })
  const text = result.outputFiles[0]?.text ?? ''
  const node = /["']node:\w+["']/.exec(text)?.[0]
  if (node) throw new Error(`a browser bundle of ${entry} imports ${node}`)
}

/** What extensions cost: `./dev bench`. Figures of one run compare with each other only. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type Transport } from '@druid/core'
import { type AnyExtension, defineExtension, type ExtensionHost } from '@druid/core/extension'
import { table } from '@druid/format'
import { Bench } from 'tinybench'

/** Nothing is sent: what a connection and a call cost by themselves. */
const transport: Transport = {
  name: 'none',
  request: () => Promise.reject(new Error('nothing is sent here')),
  close: async () => {},
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

class Client {
  readonly client: ExtensionHost
  constructor(client: ExtensionHost) {
    this.client = client
  }
}
class Role extends Client {}

function extensions(count: number): AnyExtension[] {
  return Array.from({ length: count }, (_, i) =>
    defineExtension({
      name: `extension-${i}` as 'extension-0',
      client: Client,
      roles: { [`role-${i}`]: Role },
      clusterMethods: { [`method${i}`]: Client },
    }),
  )
}

function opened(list: readonly AnyExtension[]): ReturnType<typeof connect> {
  return connect('http://localhost:8888', { extensions: list, transport })
}

const bench = new Bench({ time: 500, warmupTime: 200 })
for (const count of [0, 20, 100]) {
  const list = extensions(count)
  bench.add(`connect, ${count} extensions`, () => {
    opened(list)
  })
}

const client = opened(extensions(1)) as unknown as { extension0Client(): Client }
/** What one would write by hand. */
class Plain {
  #made: Client | undefined
  extension0Client(): Client {
    this.#made ??= new Client(client as never)
    return this.#made
  }
}
const plain = new Plain()
/** Many calls at once: one alone is below what a clock shows. */
const CALLS = 10_000
let kept: unknown
bench.add(`${CALLS} calls of a plain method`, () => {
  for (let i = 0; i < CALLS; i += 1) kept = plain.extension0Client()
})
bench.add(`${CALLS} calls of a patched method`, () => {
  for (let i = 0; i < CALLS; i += 1) kept = client.extension0Client()
})

await bench.run()
print(
  table(
    bench.tasks.map(({ name, result }) => ({
      what: name,
      'median ms': 'latency' in result ? result.latency.p50.toFixed(4) : 'failed',
      'p99 ms': 'latency' in result ? result.latency.p99.toFixed(4) : 'failed',
    })),
  ),
)
if (kept !== undefined && kept instanceof Client === false) throw new Error('no client was made')

/** An application with so many dependencies, every tenth an extension. */
function application(root: string, count: number): void {
  const names = Array.from({ length: count }, (_, i) => `dependency-${i}`)
  for (const [i, name] of names.entries()) {
    const folder = join(root, 'node_modules', name)
    mkdirSync(folder, { recursive: true })
    const isExtension = i % 10 === 0
    const manifest = {
      name,
      version: '1.0.0',
      type: 'module',
      exports: { '.': './index.js', './register': './register.js' },
      keywords: isExtension ? ['druid-extension'] : ['other'],
    }
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))
    if (!isExtension) continue
    const code = 'export function registerClient(context) { context.client = class {} }\n'
    writeFileSync(join(folder, 'register.js'), code)
  }
  const dependencies = Object.fromEntries(names.map((name) => [name, '1.0.0']))
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name: 'app', dependencies }))
}

const DISCOVER = `
  const core = await import('@druid/core/discover')
  const start = performance.now()
  const { found, extensions = found } = await core[process.argv[1]]({ from: process.argv[2] })
  console.log(JSON.stringify([performance.now() - start, extensions.length]))
`

/** In a process of its own each time: nothing is in a cache of Node's. */
function once(what: 'discover' | 'findExtensions', root: string): [ms: number, extensions: number] {
  const argv = ['--input-type=module', '--eval', DISCOVER, what, root]
  const said = execFileSync(process.execPath, argv, { encoding: 'utf8', cwd: import.meta.dirname })
  return JSON.parse(said) as [number, number]
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const found = [200, 1_000].map((count) => {
  const root = mkdtempSync(join(tmpdir(), 'druid-bench-'))
  try {
    application(root, count)
    const runs = Array.from({ length: 9 }, () => once('discover', root))
    const finds = Array.from({ length: 9 }, () => once('findExtensions', root))
    return {
      dependencies: count,
      extensions: runs[0]?.[1],
      'discover, cold ms': median(runs.map(([ms]) => ms)).toFixed(1),
      'findExtensions, cold ms': median(finds.map(([ms]) => ms)).toFixed(1),
    }
  } finally {
    rmSync(root, { recursive: true })
  }
})
print(table(found))

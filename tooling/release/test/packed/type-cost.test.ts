import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { compile, PINNED, PLATFORMS } from './compiler.ts'

const folder = join(inject('consumer'), 'type-cost')

const IMPORTS = `
import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { defineExtension, type ExtensionHost, type ServiceHost } from '@druid/core/extension'
`

/** The classes of one extension: a client with ten methods, two roles, a method of the cluster. */
function classes(n: number): string {
  const methods = Array.from(
    { length: 10 },
    (_, m) => `
    method${m}(value: { readonly key${m}: string }): Promise<{ readonly value${n}of${m}: number }> {
      return this.client.request('GET', value.key${m})
    }`,
  )
  return `
  export class Client${n} { constructor(readonly client: ExtensionHost) {} ${methods.join('')} }
  export class One${n} {
    constructor(readonly service: ServiceHost) {}
    get(): Promise<string> { return this.service.request('GET', '/${n}') }
  }
  export class Two${n} {
    constructor(readonly service: ServiceHost) {}
    list(): Promise<number[]> { return this.service.request('GET', '/${n}') }
  }
  export class Method${n} {
    constructor(readonly client: ExtensionHost) {}
    run(): Promise<string[]> { return this.client.request('GET', '/${n}') }
  }`
}

const definition = (n: number): string => `
  const extension${n} = defineExtension({
    name: 'extension-${n}',
    client: Client${n},
    roles: { 'role-one-${n}': One${n}, 'role-two-${n}': Two${n} },
    clusterMethods: { method${n}: Method${n} },
  })`

/** A call of its client, of a role and of its method. */
const calls = (n: number): string => `
  export const client${n}: Promise<{ readonly value${n}of3: number }> =
    druid.extension${n}Client().method3({ key3: '' })
  export const role${n}: Promise<string> = druid.cluster().roleOne${n}Client().get()
  export const method${n}: Promise<string[]> = druid.cluster().method${n}().run()`

/** Type instantiations of the program with these extensions, over the same without. */
async function costOf(count: number): Promise<number> {
  const all = Array.from({ length: count }, (_, n) => n)
  const without = `${IMPORTS} ${all.map(classes).join('')}
    export const druid = connect('http://localhost:8888')
    export { cluster, defineExtension }`
  const listed = all.map((n) => `extension${n}`).join(', ')
  const withAll = `${IMPORTS} ${all.map(classes).join('')} ${all.map(definition).join('')}
    export const druid = connect('http://localhost:8888', { extensions: [cluster, ${listed}] })
    ${all.map(calls).join('')}`
  return (await instantiations(withAll)) - (await instantiations(without))
}

async function instantiations(program: string): Promise<number> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'program.ts'), program)
  const options = { ...PLATFORMS.browser, noEmit: true }
  const said = await compile(PINNED, folder, options, ['program.ts'], '--extendedDiagnostics')
  expect(said).not.toMatch(/error TS/)
  const count = /^Instantiations: +(\d+)$/m.exec(said)?.[1]
  if (count === undefined) throw new Error(`the compiler told no instantiations: ${said}`)
  return Number(count)
}

/** Of 20 extensions. What a list costs is near to proportional to its length. */
const BUDGET = 30_000

describe(`the types of extensions, under TypeScript ${PINNED.version}`, () => {
  it('cost at most 30,000 instantiations for 20 extensions', async () => {
    const cost = await costOf(20)
    tell(20, cost)
    expect(cost).toBeLessThanOrEqual(BUDGET)
  })

  it('grow with their number, not with its square', async () => {
    const cost = await costOf(100)
    tell(100, cost)
    expect(cost).toBeLessThanOrEqual(5 * BUDGET)
  })
})

function tell(count: number, cost: number): void {
  process.stdout.write(`${count} extensions: ${cost} type instantiations\n`)
}

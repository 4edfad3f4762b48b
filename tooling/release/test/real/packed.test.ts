import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { installTarballs, pack } from '../../tarballs.ts'

const run = promisify(execFile)
const folder = await mkdtemp(join(tmpdir(), 'druid-packed-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** An extension in ten lines of plain JavaScript, as docs/extensions/first-extension.md has it. */
const REGISTER = `
export class Foo { constructor(client) { this.client = client } count() { return this.client.value('SELECT COUNT(*) FROM flights') } }
export class Bar { constructor(service) { this.service = service } version() { return this.service.request('GET', '/status').then((s) => s.version) } }
export class FooAnalyzer { constructor(client) { this.client = client } airports() { return this.client.value('SELECT COUNT(DISTINCT origin) FROM flights') } }
export function registerClient(context) {
  context.summary = 'Foo'
  context.client = Foo
  context.roles = { bar: Bar }
  context.clusterMethods = { fooAnalyzer: FooAnalyzer }
}
`

const PROGRAM = `
import assert from 'node:assert/strict'
import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { connect as connectAuto } from '@druid/core/auto'
import { discover } from '@druid/core/discover'
import { FooAnalyzer } from 'druid-foo/register'

const [router, broker] = process.argv.slice(2)
const services = [{ role: 'bar', url: broker }]
const druid = connect(router, {
  extensions: [cluster.with({ services })],
  discovered: await discover({ from: import.meta.url }),
})
const foo = druid.extensions().find(({ name }) => name === 'foo')
assert.equal(foo.status, 'active')
assert.equal(foo.summary, 'Foo')
assert.equal(druid.fooClient(), druid.fooClient())
assert.equal(await druid.fooClient().count(), 20000)
assert.equal(druid.cluster().barClient(), druid.cluster().barClient())
assert.equal(await druid.cluster().barClient().version(), await druid.version())
const airports = await new FooAnalyzer(druid).airports()
assert.ok(airports > 50)
assert.equal(await druid.cluster().fooAnalyzer().airports(), airports)
assert.equal(druid.cluster().fooAnalyzer(), druid.cluster().fooAnalyzer())
await druid.close()

const auto = await connectAuto(router, { extensionOptions: { cluster: { services } } })
assert.equal(await auto.fooClient().count(), 20000)
assert.equal(await auto.cluster().barClient().version(), await auto.version())
await auto.close()
console.log('done')
`

describe('a program outside the repository', () => {
  beforeAll(async () => {
    await pack()
    const foo = join(folder, 'druid-foo')
    await mkdir(foo)
    await writeFile(join(foo, 'register.js'), REGISTER)
    const manifest = {
      name: 'druid-foo',
      version: '1.0.0',
      type: 'module',
      keywords: ['druid-extension'],
      exports: { './register': './register.js' },
    }
    await writeFile(join(foo, 'package.json'), JSON.stringify(manifest))
    await installTarballs(folder, { 'druid-foo': 'file:./druid-foo' })
    await writeFile(join(folder, 'program.js'), PROGRAM)
  })

  it('finds an extension of plain JavaScript, its client, role and cluster method', async () => {
    const args = [join(folder, 'program.js'), inject('druidUrl'), inject('brokerUrl')]
    // Discovery of `auto` begins in the working directory.
    const { stdout, stderr } = await run(process.execPath, args, { cwd: folder })
    expect(stderr).toBe('')
    expect(stdout).toBe('done\n')
  })
})

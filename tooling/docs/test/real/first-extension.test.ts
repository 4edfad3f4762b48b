import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cluster } from '@druid/cluster'
import { connect } from '@druid/core/auto'
import { FLIGHTS } from '@druid/data'
import { afterAll, expect, inject, it } from 'vitest'
import { root } from '../../snippets.ts'

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'druid-first-')))
afterAll(() => rmSync(folder, { recursive: true }))

/** The first code of that language in the guide, as it is printed. */
function printed(language: string): string {
  const text = readFileSync(join(root, 'docs/extensions/first-extension.md'), 'utf8')
  const code = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'ms').exec(text)?.[1]
  if (code === undefined) throw new Error(`the guide has no ${language}`)
  return code
}

it('the first extension of the guide works as it is printed', async () => {
  const own = join(folder, 'node_modules/druid-foo')
  mkdirSync(own, { recursive: true })
  writeFileSync(join(own, 'package.json'), printed('json'))
  writeFileSync(join(own, 'register.js'), printed('javascript'))
  const manifest = { name: 'app', dependencies: { 'druid-foo': '^1.0.0' } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest))

  const services = [{ role: 'bar', url: inject('brokerUrl') }]
  await using druid = await connect(inject('druidUrl'), {
    from: folder,
    extensions: [cluster.with({ services })],
    onExtensionError: 'throw',
  })
  interface Foo {
    fooClient(): { count(): Promise<number> }
    cluster(): { barClient(): { status(): Promise<{ version: string }> } }
  }
  const { fooClient, cluster: all } = druid as unknown as Foo
  expect(await fooClient().count()).toBe(FLIGHTS)
  expect((await all().barClient().status()).version).toBe(await druid.version())
  expect(druid.extensions().map(({ summary }) => summary)).toContain('Foo')
})

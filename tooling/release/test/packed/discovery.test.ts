import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { packTarballs, type Tarballs } from './extension-packages.ts'
import { type Files, temporaryFolder, write } from './files.ts'
import { type Application, install, LAYOUTS } from './layouts.ts'

/** Finds extensions from where it lies, or from its argument, and tells what came of it. */
const MAIN = `
import { createRequire } from 'node:module'
import { connect } from '@druid/core'
import { discover } from '@druid/core/discover'

const discovered = await discover({ from: process.argv[2] ?? import.meta.url })
const druid = connect('http://localhost:8888', { discovered, onExtensionError: 'throw' })
const imported = [...(globalThis.imported ?? [])].sort()
const methods = druid.extensions().flatMap((it) => it.methods)
const said = {}
for (const method of methods) said[method] = await druid[method]().hello()
let hidden
try {
  createRequire(import.meta.url).resolve('druid-plain/package.json')
} catch (error) {
  hidden = error.code
}
console.log(JSON.stringify({ root: discovered.root, imported, said, reports: discovered.reports, hidden }))
await druid.close()
`

const PROGRAM: Files = {
  'main.js': MAIN,
  'worker.js': `
    import { Worker } from 'node:worker_threads'
    new Worker(new URL('./main.js', import.meta.url))`,
  // As compilers leave it, when both module formats are built.
  'dist/package.json': { type: 'module' },
  'dist/esm/package.json': { type: 'module' },
  'dist/esm/main.js': MAIN,
}

const base = await temporaryFolder()
const elsewhere = join(base, 'elsewhere')
let tarballs: Tarballs
beforeAll(async () => {
  tarballs = await packTarballs(join(base, 'tarballs'))
  // Another application: its extensions must never be taken for ours.
  await write(elsewhere, {
    'package.json': { name: 'elsewhere', dependencies: { 'druid-transitive': '1.0.0' } },
  })
})

describe.each(LAYOUTS)('discovery in $name', (layout) => {
  const outermost = join(base, layout.name.replaceAll(/\W+/g, '-'))
  let application: Application
  beforeAll(async () => {
    application = await install(layout, outermost, tarballs, PROGRAM)
  })

  function expected(): object {
    return {
      root: application.folder,
      imported: ['@acme/druid-scoped', 'druid-plain'],
      said: { plainClient: 'plain, beside transitive', scopedClient: 'scoped' },
      reports: [],
      hidden: 'ERR_PACKAGE_PATH_NOT_EXPORTED',
    }
  }
  async function ran(program: string, cwd = application.folder): Promise<unknown> {
    return JSON.parse(await application.run(join(application.folder, program), { cwd }))
  }

  it('finds what the application depends on, and not what those depend on', async () => {
    for (const path of layout.there) await access(join(outermost, path))
    for (const path of layout.missing) {
      await expect(access(join(outermost, path))).rejects.toThrow('ENOENT')
    }
    expect(await ran('main.js')).toEqual(expected())
  })

  it('does not depend on the working directory', async () => {
    expect(await ran('main.js', elsewhere)).toEqual(expected())
  })

  it('works from a compiled folder', async () => {
    expect(await ran('dist/esm/main.js', elsewhere)).toEqual(expected())
  })

  it('works inside a worker thread', async () => {
    expect(await ran('worker.js', elsewhere)).toEqual(expected())
  })

  if (!layout.workspace) return
  it('finds what the whole workspace has only when told to', async () => {
    const main = join(application.folder, 'main.js')
    const found = await application.run(main, { cwd: elsewhere, args: [outermost] })
    expect(JSON.parse(found)).toMatchObject({
      root: outermost,
      imported: ['druid-transitive'],
      said: { transitiveClient: 'transitive' },
    })
  })
})

import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { connect } from '@druid/core'
import { connect as connectAuto } from '@druid/core/auto'
import { discover, findExtensions } from '@druid/core/discover'
import { describe, expect, it, vi } from 'vitest'
import core from '../../package.json' with { type: 'json' }
import {
  application,
  EXPLODING,
  type Files,
  found,
  installed,
  register,
  write,
} from './application.ts'

const { version } = core

describe('91 Discovery of add-ons', () => {
  it('adds the methods of what is installed, and survives what is broken', async () => {
    const root = await application(['druid-good', 'druid-broken', 'lodash'], {
      ...installed('druid-good', {}, register('Good')),
      ...installed('druid-broken', {}, 'throw new Error("broken at import")'),
      ...installed('lodash', { keywords: [] }, EXPLODING),
    })
    const druid = await connectAuto('http://druid:8888', {
      from: root,
      onExtensionError: 'silent',
    })
    expect(druid.extension('good')?.constructor.name).toBe('Good')
    expect(druid.extensions().map(({ name, status }) => `${name} ${status}`)).toEqual([
      'good active',
      'broken failed',
    ])
    expect(druid.extensions()[1]?.error?.message).toContain('broken at import')
  })
})

describe('discover() finds', () => {
  it('direct dependencies with the keyword, in the order of their names', async () => {
    const root = await application(['zeta', '@acme/druid-imply', 'druid-ranger', 'plain'], {
      ...installed('zeta'),
      ...installed('@acme/druid-imply'),
      ...installed('druid-ranger', { druid: { extension: 'policies', apiVersion: 1 } }),
      ...installed('plain', { keywords: ['druid'] }, EXPLODING),
    })
    const set = await discover({ from: root })
    expect(set.root).toBe(root)
    expect(set.reports).toEqual([])
    expect(set.extensions).toMatchObject([
      {
        extension: { name: 'imply', '~druid': { apiVersion: 1 } },
        package: {
          name: '@acme/druid-imply',
          version: '1.2.3',
          path: join(root, 'node_modules/@acme/druid-imply'),
        },
        allowed: false,
        ms: expect.any(Number),
      },
      { extension: { name: 'policies' } },
      { extension: { name: 'zeta' } },
    ])
    const druid = connect('http://druid:8888', { discovered: set })
    expect(druid.extension('policies')?.constructor.name).toBe('Found')
    expect(druid.extensions()).toMatchObject([
      { name: 'imply', status: 'active', source: 'discovered', methods: ['implyClient'] },
      { name: 'policies', methods: ['policiesClient'] },
      { name: 'zeta' },
    ])
  })

  it('nothing of a package that is only a dependency of a dependency', async () => {
    const root = await application(['direct'], {
      ...installed('direct', { dependencies: { transitive: '1.0.0' } }),
      // npm puts it beside its user.
      ...installed('transitive', {}, EXPLODING),
      'node_modules/direct/node_modules/nested/package.json': 'no JSON at all',
    })
    expect(await found(root)).toEqual({ names: ['direct'], reports: [] })
  })

  it('optional dependencies that are installed, and with dev the development ones', async () => {
    const root = await application(
      [],
      { ...installed('optional'), ...installed('development') },
      {
        optionalDependencies: { optional: '1', missing: '1' },
        devDependencies: { development: '1' },
      },
    )
    expect(await found(root)).toEqual({ names: ['optional'], reports: [] })
    const all = await discover({ from: root, dev: true })
    expect(all.extensions.map(({ extension }) => extension.name)).toEqual([
      'development',
      'optional',
    ])
  })

  it('packages linked as pnpm does, with their own dependencies', async () => {
    const root = await application(['linked'])
    const store = 'node_modules/.pnpm'
    await write(root, {
      [`${store}/linked@1.2.3/node_modules/linked/package.json`]: {
        name: 'linked',
        version: '1.2.3',
        type: 'module',
        keywords: ['druid-extension'],
        exports: { './register': './register.js' },
      },
      [`${store}/linked@1.2.3/node_modules/linked/register.js`]:
        "import { name } from 'helper'\nexport function registerClient(context) { context.summary = name }",
      [`${store}/helper@1.0.0/node_modules/helper/package.json`]: {
        name: 'helper',
        type: 'module',
        exports: './index.js',
      },
      [`${store}/helper@1.0.0/node_modules/helper/index.js`]: "export const name = 'of the helper'",
    })
    const linked = join(root, store, 'linked@1.2.3/node_modules')
    await symlink(join(linked, 'linked'), join(root, 'node_modules/linked'))
    await symlink(join(root, store, 'helper@1.0.0/node_modules/helper'), join(linked, 'helper'))
    const set = await discover({ from: root })
    expect(set.extensions[0]?.package.path).toBe(join(linked, 'linked'))
    const druid = connect('http://druid:8888', { discovered: set })
    expect(druid.extensions()[0]?.summary).toBe('of the helper')
  })

  it("a workspace package's dependencies, hoisted above it", async () => {
    const root = await application(['of-the-root'], {
      ...installed('of-the-root', {}, EXPLODING),
      ...installed('hoisted'),
      'apps/one/package.json': { name: 'one', dependencies: { hoisted: '1' } },
    })
    expect(await found(join(root, 'apps/one'))).toEqual({ names: ['hoisted'], reports: [] })
  })
})

describe('discover() looks for the application', () => {
  it('from a module, a folder, or a build folder with a marker', async () => {
    const root = await application(['ext'], {
      ...installed('ext'),
      'src/deep/main.js': '',
      'dist/package.json': { type: 'module' },
      'dist/main.js': '',
    })
    for (const from of [
      pathToFileURL(join(root, 'src/deep/main.js')),
      pathToFileURL(join(root, 'src/deep/main.js')).href,
      pathToFileURL(join(root, 'dist/main.js')).href,
      join(root, 'src/deep/main.js'),
      join(root, 'src/deep'),
      `${root}/`,
      join(root, 'not/there/yet.js'),
    ]) {
      expect(await found(from), String(from)).toEqual({ names: ['ext'], reports: [] })
    }
  })

  it('from the working directory by default, also by a relative path', async () => {
    const root = await application(['ext'], { ...installed('ext'), 'src/main.js': '' })
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(join(root, 'src'))
    const byDefault = await discover()
    const relative = await discover({ from: '.' })
    cwd.mockRestore()
    expect(byDefault.root).toBe(root)
    expect(relative.root).toBe(root)
    expect(byDefault.extensions).toHaveLength(1)
  })

  it('not above a folder node_modules', async () => {
    const root = await application(['ext'], {
      ...installed('ext'),
      'node_modules/tool/lib/main.js': '',
    })
    const { names, reports } = await found(join(root, 'node_modules/tool/lib/main.js'))
    expect(names).toEqual([])
    expect(reports).toEqual([expect.stringMatching(/no package\.json of an application was found/)])
  })

  it('not above it either when it starts there', async () => {
    const root = await application(['ext'], installed('ext'))
    for (const from of [join(root, 'node_modules'), join(root, 'node_modules/@acme')]) {
      const { names, reports } = await found(from)
      expect(names).toEqual([])
      expect(reports).toEqual([expect.stringMatching(/no package\.json of an application/)])
    }
  })

  it('also where it has optional dependencies only, and no name', async () => {
    const root = await application([], {
      ...installed('ext'),
      'package.json': { optionalDependencies: { ext: '1' } },
    })
    expect(await found(join(root, 'src'))).toEqual({ names: ['ext'], reports: [] })
  })

  it.each(['https://example.org/main.js', 'data:text/javascript,0', 'blob:nodedata:1', 'node:fs'])(
    'and does not take %s for a path below the working directory',
    async (from) => {
      const root = await application(['ext'], installed('ext', {}, EXPLODING))
      const cwd = vi.spyOn(process, 'cwd').mockReturnValue(root)
      const { names, reports } = await found(from)
      cwd.mockRestore()
      expect(names).toEqual([])
      expect(reports).toEqual([expect.stringMatching(/^\(discovery\) failed/)])
    },
  )

  it.each<[string, string]>([
    ['a URL that is no file', 'https://example.org/main.js'],
    ['a file URL of another host', 'file://host/main.js'],
  ])('and reports %s', async (_, from) => {
    if (from.startsWith('https:')) {
      expect((await found(new URL(from))).reports).toEqual([
        expect.stringMatching(/^\(discovery\) failed/),
      ])
    } else expect((await found(from)).reports).toHaveLength(1)
  })

  it('and reports where there is none, saying what to do', async () => {
    const set = await discover({ from: '/' })
    expect(set).toMatchObject({ root: undefined, extensions: [] })
    expect(set.reports).toMatchObject([
      {
        name: '(discovery)',
        status: 'failed',
        error: { code: 'EXTENSION', message: expect.stringContaining('extensions: [') },
      },
    ])
    const told: string[] = []
    connect('http://druid:8888', {
      discovered: set,
      onExtensionError: (report) => told.push(report.name),
    })
    expect(told).toEqual(['(discovery)'])
  })

  it('and reports one whose dependencies are not installed, as of a bundle that was copied', async () => {
    const root = await application(['ext', 'other'], { 'dist/bundle.js': '' })
    const { names, reports } = await found(join(root, 'dist/bundle.js'))
    expect(names).toEqual([])
    expect(reports).toEqual([
      expect.stringMatching(
        /none of the dependencies of .*package\.json is installed.*list the extensions: connect/,
      ),
    ])
    // Optional ones may be missing, all of them.
    const optional = await application([], {}, { optionalDependencies: { ext: '1' } })
    expect(await found(optional)).toEqual({ names: [], reports: [] })
    expect(await found(await application([]))).toEqual({ names: [], reports: [] })
  })

  it('and reports a manifest that is broken', async () => {
    const root = await application([], { 'package.json': '{ "name": ' })
    expect((await found(root)).reports).toEqual([expect.stringMatching(/package\.json cannot be/)])
  })
})

it('reports come in the order of package names, whatever failed', async () => {
  const names = ['a-broken', 'b-denied', 'c-good', 'd-throws', 'e-broken', 'f-throws']
  const root = await application(names, {
    ...installed('a-broken', { exports: {} }),
    ...installed('b-denied', {}, EXPLODING),
    ...installed('c-good'),
    ...installed('d-throws', {}, EXPLODING),
    ...installed('e-broken', { exports: {} }),
    ...installed('f-throws', {}, EXPLODING),
  })
  const { reports } = await discover({ from: root, deny: ['b-denied'] })
  expect(reports.map(({ package: from }) => from?.name)).toEqual([
    'a-broken',
    'b-denied',
    'd-throws',
    'e-broken',
    'f-throws',
  ])
})

it('nothing is looked for in node_modules/node_modules', async () => {
  const root = await application([], {
    'node_modules/tool/package.json': { name: 'tool', dependencies: { ext: '1', other: '1' } },
    ...installed('other'),
    'node_modules/node_modules/ext/package.json': { name: 'ext', keywords: ['druid-extension'] },
  })
  expect(await found(join(root, 'node_modules/tool'))).toEqual({ names: ['other'], reports: [] })
})

describe('one package', () => {
  it('with a broken package.json fails alone', async () => {
    const root = await application(['broken', 'ext', 'list'], {
      ...installed('ext'),
      'node_modules/broken/package.json': '{',
      'node_modules/list/package.json': '[]',
    })
    const { names, reports } = await found(root)
    expect(names).toEqual(['ext'])
    expect(reports).toEqual([
      expect.stringMatching(/^broken failed.*JSON/),
      expect.stringMatching(/^list failed.*holds no object/),
    ])
  })

  it('with a byte order mark or odd keywords is read', async () => {
    const root = await application(['bom', 'odd'], {
      ...installed('bom'),
      ...installed('odd', { keywords: 'druid-extension' }, EXPLODING),
    })
    const manifest = { name: 'bom', type: 'module', keywords: ['druid-extension'] }
    await write(root, { 'node_modules/bom/package.json': `\ufeff${JSON.stringify(manifest)}` })
    expect(await found(root)).toEqual({ names: ['bom'], reports: [] })
  })

  it('without a package.json is nothing', async () => {
    const files = { ...installed('ext'), 'node_modules/empty/index.js': '' }
    const root = await application(['empty', 'ext'], files)
    expect(await found(root)).toEqual({ names: ['ext'], reports: [] })
  })
})

describe('the version of @druid/core that a package asks for', () => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const warningsFor = async (range: unknown): Promise<string[]> => {
    const manifest = { peerDependencies: { '@druid/core': range } }
    const set = await discover({ from: await application(['ext'], installed('ext', manifest)) })
    const druid = connect('http://druid:8888', { discovered: set })
    const [report] = druid.extensions()
    // A wrong range is no reason to leave it out.
    expect(report).toMatchObject({ name: 'ext', status: 'active' })
    return [...(report?.warnings ?? [])]
  }

  it.each<unknown>([
    undefined,
    '*',
    '',
    'x',
    'latest',
    'workspace:^',
    `^${version}`,
    `~${version}`,
    `>=${version}`,
    `>= ${version} < ${major + 1}`,
    `${major}.x`,
    `^${version}-rc.1`,
    `^${major + 7}.0.0 || ^${version}`,
    `<=${major}.${minor}.999`,
    17,
  ])('fits: %s', async (range) => {
    expect(await warningsFor(range)).toEqual([])
  })

  it.each([
    `^${major + 1}.0.0`,
    `~${major + 1}.2`,
    `>${version}`,
    `<${version}`,
    `${major + 1}.x`,
    `^${major}.${minor + 1}.0`,
    `>=${version} <${version}`,
    `^${major + 1} || ^${major + 2}`,
  ])('does not fit, and the report says so: %s', async (range) => {
    expect(await warningsFor(range)).toEqual([
      `it asks for @druid/core ${JSON.stringify(range)}, and this is ${version}`,
    ])
  })
})

describe('the manifest of the application', () => {
  const packages = {
    ...installed('@acme/druid-a'),
    ...installed('@acme/druid-b'),
    ...installed('other'),
  }
  const names = ['@acme/druid-a', '@acme/druid-b', 'other']
  async function with_(extensions: object, code: Files = {}): Promise<string> {
    return application(names, { ...packages, ...code }, { druid: { extensions } })
  }

  it('denies packages, which are reported and not imported', async () => {
    const root = await with_({ deny: ['other'] }, installed('other', {}, EXPLODING))
    const set = await discover({ from: root })
    expect(set.extensions.map(({ extension }) => extension.name)).toEqual(['a', 'b'])
    expect(set.reports).toMatchObject([
      { name: 'other', status: 'denied', source: 'discovered', package: { name: 'other' } },
    ])
    expect(set.reports[0]).not.toHaveProperty('error')
    const told: string[] = []
    const druid = connect('http://druid:8888', {
      discovered: set,
      onExtensionError: (report) => told.push(report.name),
    })
    expect(told).toEqual([])
    expect(druid.extensions().at(-1)).toMatchObject({ name: 'other', status: 'denied' })
  })

  it('allows packages, and then no others', async () => {
    const root = await with_({ allow: ['other'] })
    const set = await discover({ from: root })
    expect(set.extensions).toMatchObject([{ extension: { name: 'other' }, allowed: true }])
    expect(set.reports.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'a denied',
      'b denied',
    ])
  })

  it('takes patterns, and denying comes before allowing', async () => {
    const root = await with_({ allow: ['@acme/*'], deny: ['@acme/druid-b'] })
    expect(await found(root)).toEqual({ names: ['a'], reports: ['b denied', 'other denied'] })
  })

  it('with a list that is none lets nothing in', async () => {
    const root = await with_({ allow: 'other' })
    expect(await found(root)).toEqual({
      names: [],
      reports: [expect.stringContaining('"druid.extensions.allow" must be a list')],
    })
  })
})

it('DRUID_EXTENSIONS=off turns it off', async () => {
  const root = await application(['ext'], installed('ext', {}, EXPLODING))
  vi.stubEnv('DRUID_EXTENSIONS', 'off')
  expect(await discover({ from: root })).toEqual({ root: undefined, extensions: [], reports: [] })
  vi.unstubAllEnvs()
})

it.each(['OFF', '0', 'false', 'no'])(
  'DRUID_EXTENSIONS=%s is not understood, so nothing is loaded',
  async (value) => {
    const root = await application(['ext'], installed('ext', {}, EXPLODING))
    vi.stubEnv('DRUID_EXTENSIONS', value)
    const { names, reports } = await found(root)
    vi.unstubAllEnvs()
    expect(names).toEqual([])
    expect(reports).toEqual([expect.stringContaining(`DRUID_EXTENSIONS is "${value}"`)])
  },
)

it('DRUID_EXTENSIONS=on, or empty, changes nothing', async () => {
  const root = await application(['ext'], installed('ext'))
  for (const value of ['on', '']) {
    vi.stubEnv('DRUID_EXTENSIONS', value)
    expect(await found(root)).toEqual({ names: ['ext'], reports: [] })
    vi.unstubAllEnvs()
  }
})

describe('connect of @druid/core/auto', () => {
  it('discovers, then connects with the rest of its options', async () => {
    const root = await application(['ext'], installed('ext'))
    const druid = await connectAuto('http://druid:8888', {
      from: root,
      context: { priority: 1 },
      extensionOptions: { ext: { b: 2 } },
    })
    expect(druid.extensions()).toMatchObject([{ name: 'ext', status: 'active' }])
    const client = druid as unknown as { extClient(): object }
    expect(client.extClient()).toBe(druid.extension('ext'))
  })

  it('starts at the working directory', async () => {
    const root = await application(['ext'], installed('ext'))
    const cwd = vi.spyOn(process, 'cwd').mockReturnValue(root)
    const druid = await connectAuto('http://druid:8888')
    cwd.mockRestore()
    expect(druid.extensions()).toMatchObject([{ name: 'ext', status: 'active' }])
  })

  it('refuses what connect refuses', async () => {
    const root = await application([])
    await expect(connectAuto('http://druid', null as never)).rejects.toMatchObject({
      code: 'CONFIG',
      option: 'options',
    })
    await expect(connectAuto('nowhere', { from: root })).rejects.toMatchObject({ code: 'CONFIG' })
    await expect(
      connectAuto('http://druid', { from: root, extension: [] } as object),
    ).rejects.toMatchObject({ code: 'CONFIG', option: 'extension' })
  })
})

describe('findExtensions()', () => {
  it('says which packages are extensions, and runs none of their code', async () => {
    const root = await application(['exploding', 'broken', 'plain'], {
      ...installed('exploding', { druid: { extension: 'boom' } }, EXPLODING),
      ...installed('broken', { exports: {} }),
      ...installed('plain', { keywords: [] }, EXPLODING),
    })
    const found = await findExtensions({ from: root })
    expect(found).toMatchObject({
      root,
      found: [
        {
          name: 'boom',
          package: { name: 'exploding', version: '1.2.3' },
          entry: join(root, 'node_modules/exploding/register.js'),
          apiVersion: 1,
          chosen: false,
        },
      ],
      reports: [{ name: 'broken', status: 'failed' }],
    })
    expect(found.found).toHaveLength(1)
  })
})

import { checkExtension } from '@druid/testing'
import { describe, expect, it } from 'vitest'
import {
  coreVersion,
  manifestWith,
  packageWith,
  problemsOf,
  registerWith,
  untypedWith,
  write,
} from './package.ts'

const CORE = '@druid/core'
const BARE = 'export function registerClient(context) { context.client = class {} }'

it('a good package has no problems', async () => {
  expect(await problemsOf(await packageWith())).toEqual([])
})

describe('R1', () => {
  it('finds that the keyword is missing', async () => {
    expect(await problemsOf(await manifestWith({ keywords: ['druid'] }))).toEqual([
      expect.stringMatching(/^R1 error: keywords lacks "druid-extension"/),
    ])
  })

  it.each([
    ['no keywords', undefined],
    ['keywords that are no list', 'druid-extension'],
  ])('finds %s', async (_, keywords) => {
    expect(await problemsOf(await untypedWith({ keywords }))).toEqual([
      expect.stringMatching(/^R1 error: .*write "keywords": \["druid-extension"\]/),
    ])
  })
})

describe('R7', () => {
  it('finds core in dependencies', async () => {
    const folder = await manifestWith({ dependencies: { [CORE]: `^${coreVersion}` } })
    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching('R7 error: dependencies names @druid/core: users get a second copy'),
    ])
  })

  it('finds core in optionalDependencies', async () => {
    const optionalDependencies = { [CORE]: `^${coreVersion}` }
    const folder = await untypedWith({ optionalDependencies, peerDependencies: undefined })
    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching('R7 error: optionalDependencies names @druid/core'),
    ])
  })

  it('finds core packed into the package', async () => {
    expect(await problemsOf(await untypedWith({ bundleDependencies: [CORE] }))).toEqual([
      expect.stringMatching('R7 error: bundleDependencies packs @druid/core'),
    ])
  })

  it('finds code that imports core, which the package does not name', async () => {
    const [first, ...others] = await problemsOf(await untypedWith({ peerDependencies: {} }))
    expect(first).toMatch('R7 error: it imports @druid/core, which package.json does not name')
    expect(others).toEqual([expect.stringMatching(/^R7 warning: nothing says which versions/)])
  })

  it('only warns where nothing imports core', async () => {
    const folder = await untypedWith({ peerDependencies: undefined })
    await write(folder, { 'dist/register.js': BARE })
    expect(await problemsOf(folder)).toEqual([expect.stringMatching(/^R7 warning/)])
  })
})

describe('R14', () => {
  it('finds a range without the core that is installed', async () => {
    const folder = await manifestWith({ peerDependencies: { [CORE]: '>=99 <100' } })
    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching(/^R14 error: .* leaves out .*; widen the range/),
    ])
  })

  it.each([
    ['no range', 'newest', /^R14 error: .* is no range; write/],
    ['a range of another type', 17, /^R14 error: .* is no range/],
    ['a range without an end', '>=0.0.0', /^R14 warning: .* has no end/],
    ['any version', '*', /^R14 warning: .* has no end/],
    ['one version only', coreVersion, /^R14 warning: .* is one version only/],
  ])('finds %s', async (_, range, message) => {
    const folder = await untypedWith({ peerDependencies: { [CORE]: range } })
    expect(await problemsOf(folder)).toEqual([expect.stringMatching(message)])
  })

  it('lets the ranges of a workspace be, which packing replaces', async () => {
    const folder = await untypedWith({ peerDependencies: { [CORE]: 'workspace:^' } })
    expect(await problemsOf(folder)).toEqual([])
  })

  it('finds an extension API that core does not offer', async () => {
    const folder = await untypedWith({ druid: { extension: 'ranger', apiVersion: 2 } })
    const [first, ...others] = await problemsOf(folder)
    expect(first).toMatch(
      'R14 error: druid.apiVersion is 2, and the installed @druid/core offers 1',
    )
    // The code was built for 1.
    expect(others).toEqual([expect.stringMatching(/^R15 error: druid.apiVersion is 2/)])
  })
})

describe('R15', () => {
  it('finds another name than that of the definition', async () => {
    const folder = await manifestWith({ druid: { extension: 'other', apiVersion: 1 } })
    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching(/^R15 error: druid.extension is "other", .* name "ranger"/),
    ])
  })

  it.each([
    ['a name of another type', { extension: 1, apiVersion: 1 }, /druid.extension: 1 is no name/],
    ['a version that is none', { extension: 'ranger', apiVersion: '1' }, /is no version; write 1/],
    ['a field of another type', ['ranger'], /is no object/],
  ])('finds %s', async (_, druid, message) => {
    expect(await problemsOf(await untypedWith({ druid }))).toEqual([
      expect.stringMatching(new RegExp(`^R15 error: .*${message.source}`)),
    ])
  })

  it('warns where the field is missing, and says what to write', async () => {
    expect(await problemsOf(await untypedWith({ druid: undefined }))).toEqual([
      expect.stringMatching(
        /^R15 warning: there is no "druid".*"extension": "ranger", "apiVersion": 1/,
      ),
    ])
  })

  it('has nothing to compare with in a bare registerClient', async () => {
    expect(await problemsOf(await registerWith(BARE))).toEqual([])
  })
})

describe('R10', () => {
  it.each([
    ['no name', undefined],
    ['a name that is a path', '../ranger'],
    ['a name of 10,000 letters', 'r'.repeat(10_000)],
  ])('finds a package with %s', async (_, name) => {
    const problems = await problemsOf(await untypedWith({ name }))
    expect(problems).toEqual([
      expect.stringMatching(/^R10 error: name: .* is no name of a package/),
    ])
    expect(problems[0]?.length).toBeLessThan(200)
  })

  it('finds a name that is none for an extension', async () => {
    const folder = await untypedWith({ druid: { extension: 'Ranger', apiVersion: 1 } })
    await write(folder, { 'dist/register.js': BARE })
    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching(/^R10 error: this is no name for an extension/),
    ])
  })
})

it('says where each problem is', async () => {
  const [problem] = await checkExtension(await untypedWith({ keywords: [] }))
  expect(problem).toEqual({
    rule: 'R1',
    level: 'error',
    message: expect.stringContaining('keywords'),
    file: 'package.json',
  })
})

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { application, EXPLODING, installed, write } from '../../../core/test/unit/application.ts'
import { druid, link } from '../druid.ts'

const FULL = `
class Client {}
export function registerClient(context) {
  context.summary = 'Ranger'
  context.client = Client
  context.roles = { policy_server: Client }
  context.formatter('arrow', { mediaType: 'x/arrow', format: () => '' })
}`

describe('druid ext list', () => {
  it('shows what is installed, from package.json alone', async () => {
    const root = await application(['druid-ranger', '@acme/druid-imply', 'plain'], {
      ...installed('druid-ranger', { druid: { extension: 'policies', apiVersion: 1 } }, EXPLODING),
      ...installed('@acme/druid-imply', { version: '2.0.0-rc.1' }, EXPLODING),
      ...installed('plain', { keywords: [] }, EXPLODING),
    })
    expect(await druid('ext list', root)).toEqual({
      code: 0,
      stderr: '',
      stdout: [
        'name      package            version     status',
        '────────  ─────────────────  ──────────  ──────',
        'imply     @acme/druid-imply  2.0.0-rc.1  found',
        'policies  druid-ranger       1.2.3       found',
        '',
      ].join('\n'),
    })
  })

  it('is about the project of a folder below it, or of --from', async () => {
    const files = { ...installed('druid-one', {}, EXPLODING), 'dist/package.json': {} }
    const root = await application(['druid-one'], files)
    expect((await druid('ext list', join(root, 'dist'))).stdout).toContain('druid-one')
    expect((await druid(`ext list --from ${root}/dist`, '/')).stdout).toContain('druid-one')
  })

  it('looks at devDependencies with --dev', async () => {
    const manifest = { devDependencies: { 'druid-one': '1' } }
    const root = await application([], installed('druid-one'), manifest)
    const without = await druid('ext list', root)
    expect(without).toMatchObject({ code: 0, stdout: '' })
    expect(without.stderr).toBe(`no package that ${root}/package.json depends on is an extension\n`)
    expect((await druid('ext list --dev', root)).stdout).toContain('druid-one')
  })

  it('says what cannot be used, and what is denied', async () => {
    const root = await application(
      ['broken', 'denied'],
      { ...installed('broken', { exports: {} }), ...installed('denied', {}, EXPLODING) },
      { druid: { extensions: { deny: ['denied'] } } },
    )
    const { code, stdout, stderr } = await druid('ext list', root)
    expect(stdout).toMatch(/^broken .* failed$/m)
    expect(stdout).toMatch(/^denied .* denied$/m)
    expect(stderr).toContain('has the keyword "druid-extension" but its exports have no')
    expect(code).toBe(1)
  })

  it('lists nothing where there is no project, or discovery is off', async () => {
    const nowhere = await druid('ext list', '/')
    expect(nowhere).toMatchObject({ code: 1, stdout: '' })
    expect(nowhere.stderr).toContain('no package.json of an application was found')
    const root = await application(['druid-one'], installed('druid-one'))
    const off = await druid('ext list', root, { DRUID_EXTENSIONS: 'off' })
    expect(off).toMatchObject({ code: 1, stdout: '' })
    expect(off.stderr).toContain('DRUID_EXTENSIONS=off')
  })

  it('lets no name of a package act on the terminal', async () => {
    const evil = 'evil\u001b[2J'
    const root = await application(['druid-one'], installed('druid-one', { exports: {} }))
    await write(root, installed('druid-one', { exports: {}, version: evil }))
    const { stdout, stderr } = await druid('ext list', root)
    expect(stdout + stderr).not.toContain('\u001b')
    expect(stderr).toContain('evil\\u001b[2J')
  })
})

describe('druid ext list --load', () => {
  const files = {
    ...installed('druid-good', {}, FULL),
    ...installed('druid-bad', {}, 'throw new Error("no licence")'),
  }

  it('shows what each adds, and fails when one failed', async () => {
    const root = await application(['druid-good', 'druid-bad'], files)
    await link(root, 'cli')
    const { code, stdout, stderr } = await druid('ext list --load', root)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^good .* active {2}goodClient {2}policy_server {2}formatter arrow /m)
    expect(stdout).toMatch(/^bad .* failed$/m)
    expect(stderr).toContain('no licence')
    expect(stderr).not.toContain('at file:')
  })

  it('is JSON with --json', async () => {
    const root = await application(['druid-good', 'druid-bad'], files)
    await link(root, 'cli')
    const { stdout } = await druid('ext list --load --json', root)
    expect(JSON.parse(stdout)).toMatchObject({
      root,
      loaded: true,
      extensions: [
        { name: 'bad', status: 'failed', error: { code: 'EXTENSION' } },
        { name: 'good', status: 'active', methods: ['goodClient'], roles: ['policy_server'] },
      ],
    })
  })

  it('ends although an extension holds the process', async () => {
    const holding = `setInterval(() => {}, 1000)\n${FULL}`
    const root = await application(['druid-good'], installed('druid-good', {}, holding))
    await link(root, 'cli')
    expect(await druid('ext list --load', root)).toMatchObject({ code: 0, stderr: '' })
  })

  it('says so when an extension ends the process', async () => {
    const root = await application(['druid-good'], installed('druid-good', {}, 'process.exit(0)'))
    await link(root, 'cli')
    const { code, stdout, stderr } = await druid('ext list --load', root)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('ended the process')
  })

  it('loads nothing with a druid from elsewhere, unless the project is trusted', async () => {
    const root = await application(['druid-one'], installed('druid-one', {}, EXPLODING))
    const { code, stdout, stderr } = await druid('ext list --load', root)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^one .* found$/m)
    expect(stderr).toContain(`the extensions of ${root} are not loaded`)
    const trusted = await druid('ext list --load --project', root)
    expect(trusted.stdout).toMatch(/^one .* failed$/m)
  })

  it('loads nothing with a druid of a folder above, unless they are one workspace', async () => {
    const root = await application(['druid-one'])
    await link(root, 'cli')
    const manifest = { name: 'inner', dependencies: { 'druid-one': '1' } }
    const inner = join(root, 'inner')
    await write(inner, { 'package.json': manifest, ...installed('druid-one') })
    expect((await druid('ext list --load', inner)).stdout).toMatch(/^one .* found$/m)
    await write(root, { 'pnpm-workspace.yaml': 'packages: [inner]' })
    expect((await druid('ext list --load', inner)).stdout).toMatch(/^one .* active/m)
  })

  it('loads nothing with --no-extensions', async () => {
    const root = await application(['druid-one'], installed('druid-one', {}, EXPLODING))
    await link(root, 'cli')
    const outcome = await druid('ext list --load --no-extensions', root)
    expect(outcome).toMatchObject({ code: 0, stderr: '' })
    expect(outcome.stdout).toMatch(/^one .* found$/m)
  })
})

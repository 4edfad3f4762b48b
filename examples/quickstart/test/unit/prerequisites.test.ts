import { execFile } from 'node:child_process'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const dev = join(import.meta.dirname, '..', '..', '..', '..', 'dev')

/** A machine with a shell and nothing else: whatever `dev` wants to download, it cannot. */
const tools = await mkdtemp(join(tmpdir(), 'dev-test-'))
for (const name of ['sh', 'dirname', 'sed']) await symlink(await found(name), join(tools, name))
const withJava = await mkdtemp(join(tmpdir(), 'dev-test-'))
await writeFile(join(withJava, 'javac'), '#!/bin/sh\n', { mode: 0o755 })
afterAll(() => Promise.all([tools, withJava].map((folder) => rm(folder, { recursive: true }))))

async function found(name: string): Promise<string> {
  return (await run('sh', ['-c', `command -v ${name}`])).stdout.trim()
}

/** What it says when it gives up. */
async function saidBy(args: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const failed = await run(join(tools, 'sh'), [dev, ...args], {
    env: { HOME: tools, PATH: tools, ...env },
  }).catch((error: unknown) => error)
  expect(failed).toMatchObject({ code: 1 })
  return (failed as { stderr: string }).stderr
}

const NOTHING_MISSING = 'dev: npm is missing'

describe('./dev', () => {
  it.each(['quickstart', 'test', 'test:real', 'test:own'])(
    '%s names all that is missing before it downloads anything',
    async (command) => {
      const said = await saidBy([command])
      expect(said).toContain('this is missing: a JDK 17 and Maven.')
      expect(said).toContain('apt-get install openjdk-17-jdk-headless maven')
      expect(said).toContain('DRUID_HOME=<unpacked distribution>')
      expect(said).toContain('DRUID_URL=<a running cluster>')
    },
  )

  it('looks for what is needed the way it is asked', async () => {
    const PATH = [tools, withJava].join(delimiter)
    expect(await saidBy(['quickstart'], { PATH })).toContain('missing: Maven.')
    expect(await saidBy(['test'], { PATH, DRUID_URL: 'http://a' })).toContain('missing: Maven.')
    expect(await saidBy(['test'], { PATH, JAVA_HOME: '/nowhere' })).toContain(
      'missing: a JDK 17 and Maven (JAVA_HOME=/nowhere).',
    )
    expect(await saidBy(['quickstart'], { PATH, DRUID_HOME: '/d' })).toContain(NOTHING_MISSING)
  })

  it.each([
    [['quickstart'], { DRUID_URL: 'http://a' }],
    [['quickstart', '--help'], {}],
    [['test:unit'], {}],
    [['exec', 'vitest', 'run'], {}],
  ])('%j with %j needs no Java', async (args, env) => {
    expect(await saidBy(args, env)).toContain(NOTHING_MISSING)
  })
})

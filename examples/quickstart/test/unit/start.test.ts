import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const main = join(import.meta.dirname, '..', '..', 'main.ts')
const folder = await mkdtemp(join(tmpdir(), 'quickstart-test-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

function start(env: Record<string, string>): { child: ChildProcess; said: Promise<string> } {
  const child = spawn(process.execPath, [main, '--yes'], {
    env: { PATH: process.env.PATH, XDG_CACHE_HOME: folder, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
    // As on a terminal: Ctrl-C reaches all of its group.
    detached: true,
  })
  let text = ''
  child.stderr?.on('data', (chunk) => (text += chunk))
  return { child, said: once(child, 'close').then(() => text) }
}

it.each(['localhost:8888', 'nowhere', 'ftp://me:s3cret@host'])(
  'a DRUID_URL that is %s is refused, and not repeated',
  async (url) => {
    const said = await start({ DRUID_URL: url }).said
    expect(said).toBe(
      '\nquickstart: DRUID_URL is not the URL of a Router, such as http://localhost:8888\n',
    )
  },
)

it('given up while it looks for Java it does not call Java missing', async () => {
  const asked = join(folder, 'asked')
  await writeFile(join(folder, 'java'), `#!/bin/sh\n: > '${asked}'\nexec sleep 20\n`, {
    mode: 0o755,
  })
  const { child, said } = start({ PATH: `${folder}:${process.env.PATH}` })
  await expect
    .poll(
      () =>
        access(asked).then(
          () => true,
          () => false,
        ),
      { timeout: 5_000 },
    )
    .toBe(true)
  process.kill(-(child.pid as number), 'SIGINT')
  expect(await said).toBe('\nquickstart: stopped by SIGINT\n')
})

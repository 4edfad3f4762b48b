import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { druid } from '../druid.ts'

const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))

it('says its version', async () => {
  const version = { code: 0, stdout: `${own.version}\n`, stderr: '' }
  expect(await druid('--version', '/')).toEqual(version)
})

it('helps, with and without being asked', async () => {
  const asked = await druid('--help', '/')
  expect(asked).toMatchObject({ code: 0, stderr: '' })
  expect(asked.stdout).toContain('Usage: druid')
  expect((await druid('ext list --help', '/')).stdout).toContain('--load')
  const unasked = await druid('ext', '/')
  expect(unasked).toMatchObject({ code: 2, stdout: '' })
  expect(unasked.stderr).toContain('Usage: druid ext')
})

it.each([
  ['ex', 'Did you mean ext?'],
  ['ext lst', 'Did you mean list?'],
  ['ext list --lod', 'Did you mean --load?'],
  ['ext list more', 'too many arguments'],
])('names the nearest to what it does not know: %s', async (args, answer) => {
  const { code, stdout, stderr } = await druid(args, '/')
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^druid: /)
  expect(stderr).toContain(answer)
})

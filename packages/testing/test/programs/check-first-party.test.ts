import { globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { checkExtension } from '@druid/testing'
import { describe, expect, it } from 'vitest'
import { typescript } from './package.ts'

const root = resolve(import.meta.dirname, '../../../..')

const extensions = globSync('{packages,extensions}/*/package.json', { cwd: root })
  .filter((file) => readFileSync(join(root, file), 'utf8').includes('"druid-extension"'))
  .map((file) => dirname(file))

describe('every extension of this repository', () => {
  it('is among those that are checked', () => {
    expect(extensions).toEqual(
      expect.arrayContaining(['extensions/imply', 'packages/cluster', 'packages/format']),
    )
  })

  it.each(extensions)('%s passes all rules', { timeout: 60_000 }, async (folder) => {
    expect(await checkExtension(join(root, folder), { typescript })).toEqual([])
  })
})

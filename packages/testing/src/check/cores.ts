import { cp } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { DruidError } from '@druid/core'
import { satisfies, validRange } from 'semver'
import { registersOn } from './behaviour-rules.ts'
import { CORE, own, section } from './manifest.ts'
import { coreIn, link, linkDependencies } from './packages.ts'
import { fault, type Problem, warning } from './problem.ts'
import { type PackageTarget, withPackage } from './target.ts'

interface RunOptions {
  readonly options: unknown
  readonly timeout: number
}

/** R14: registers the package on further copies of core. `found`: what it does on its own anyway. */
export async function otherCores(
  target: PackageTarget,
  cores: readonly (string | URL)[],
  options: RunOptions,
  found: readonly Problem[],
): Promise<Problem[]> {
  const known = new Set(found.map(({ message }) => message))
  const problems: Problem[] = []
  for (const [i, given] of cores.entries()) {
    await withPackage(given, async (core) => {
      problems.push(...(await onCore(target, core, `core-${i}`, options, known)))
    })
  }
  return problems
}

async function onCore(
  target: PackageTarget,
  core: PackageTarget,
  name: string,
  options: RunOptions,
  known: ReadonlySet<string>,
): Promise<Problem[]> {
  const { manifest, near, temporary } = target
  if (own(core.manifest, 'name') !== CORE) {
    const what = `checkExtension: cores: ${core.folder} is not ${CORE}`
    throw new DruidError('CONFIG', what, { option: 'cores' })
  }
  const copy = await coreIn(core.folder)
  const range = section(manifest, 'peerDependencies')[CORE]
  const valid = typeof range === 'string' ? validRange(range) : null
  if (valid !== null && !satisfies(copy.version, valid, { includePrerelease: true })) {
    const why = `${CORE} ${copy.version} was not tried: the package does not allow it (${range})`
    return [warning('R14', why, 'package.json')]
  }
  const root = join(temporary, name)
  const folder = join(root, 'package')
  await copyPackage(target.folder, folder)
  await link(copy.folder, join(root, 'node_modules', CORE))
  await linkDependencies(manifest, root, near)
  const ran = await registersOn({ ...target, folder, core: copy, temporary: root, ...options })
  return ran
    .filter(({ message }) => !known.has(message))
    .map(({ message, file }) => fault('R14', `with ${CORE} ${copy.version}: ${message}`, file))
}

/** What is installed in it is linked apart. */
async function copyPackage(folder: string, into: string): Promise<void> {
  await cp(folder, into, {
    recursive: true,
    filter: (source) => !/(^|[\\/])(node_modules|\.git)$/.test(relative(folder, source)),
  })
}

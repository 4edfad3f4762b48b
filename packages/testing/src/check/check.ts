import { join } from 'node:path'
import { DruidError } from '@druid/core'
import { checkNames } from '@druid/core/extension'
import { behaviourRules } from './behaviour-rules.ts'
import { findCompiler } from './compiler.ts'
import { otherCores } from './cores.ts'
import { entryRules } from './entry-rules.ts'
import { manifestRules } from './manifest-rules.ts'
import { moduleRules } from './module-rules.ts'
import { coreOf } from './packages.ts'
import { packagingProblems } from './packaging.ts'
import { type Problem, sorted } from './problem.ts'
import { type PackageTarget, withPackage, wrongTarget } from './target.ts'
import { typeRules } from './type-rules.ts'

export interface CheckOptions {
  /**
   * Options of the extension, as its `.with()` takes them: for one that cannot do without. For a
   * package what JSON can carry. Default: none.
   */
  readonly options?: unknown
  /**
   * Further copies of `@druid/core`, as folders or tarballs: the oldest and the newest that the
   * package allows. Default: only the one that it finds.
   */
  readonly cores?: readonly (string | URL)[] | undefined
  /**
   * Folder of the `typescript` to check types with, 5.4 or later. Default: that of the package, of
   * the working directory, or of this package.
   */
  readonly typescript?: string | undefined
  /** Milliseconds each for importing, registering, making and closing it. Default 10,000. */
  readonly timeout?: number | undefined
}

const OPTIONS = ['options', 'cores', 'typescript', 'timeout']

/**
 * Checks an extension against the rules R1 to R17 of `docs/extensions/testing.md`: the folder of a
 * package, a packed tarball (`.tgz`), or a module (an imported `./register`, or a definition).
 *
 * A package is run in a process of its own, in which it cannot reach the network, write files or
 * start processes; a tarball is first unpacked, as npm would install it, beside the dependencies
 * found at the tarball's folder or the working directory. Nothing is installed or sent. Types are
 * checked by the package's own compiler, if there is one. Of R14 (`peerDependencies`): the range is
 * one, has an end, and includes the copy of core with which the package is run; with `cores`, it also
 * registers on each of those.
 *
 * A module runs in this process, so only R4 to R6 and R10 to R13 are checked, and what happens
 * later than the call that began it is not seen.
 *
 * @returns in the order of the rules; empty when all is well.
 * @throws DruidError `CONFIG` for a target or an option that cannot be used.
 */
export async function checkExtension(
  target: string | URL | object,
  options: CheckOptions = {},
): Promise<Problem[]> {
  checkNames(options, OPTIONS, 'checkExtension')
  checkOptions(options)
  if (typeof target === 'string' || isUrl(target)) {
    return withPackage(target, (it) => packageRules(it, options))
  }
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) {
    throw wrongTarget(`the target is ${target}; give a folder, a tarball, or a module`)
  }
  return sorted(await moduleRules(target, options.options))
}

/** A proxy may throw when it is looked at. */
function isUrl(target: object): target is URL {
  try {
    return target instanceof URL
  } catch {
    return false
  }
}

async function packageRules(target: PackageTarget, given: CheckOptions): Promise<Problem[]> {
  const { folder, manifest, packed, temporary } = target
  const { options, cores = [], typescript, timeout = 10_000 } = given
  const core = await coreOf(folder)
  const run = { core, options, timeout, temporary: join(temporary, 'own') }
  const compiler = await findCompiler(typescript, target.near)
  const [ran = [], ...others] = await all([
    behaviourRules({ folder, manifest, packed, ...run }),
    manifestRules(manifest, core.version, packed),
    entryRules(target),
    packagingProblems(target),
    typeRules(target, core, compiler),
  ])
  const elsewhere = await otherCores(target, cores, { options, timeout }, ran)
  return sorted([...ran, ...others.flat(), ...elsewhere])
}

/** None is still at work when this rejects: then the temporary folder goes. */
async function all<T>(work: readonly (T | Promise<T>)[]): Promise<T[]> {
  await Promise.allSettled(work)
  return Promise.all(work)
}

function checkOptions({ cores, typescript, timeout }: CheckOptions): void {
  const wrong = (option: string, what: string): DruidError =>
    new DruidError('CONFIG', `checkExtension: ${option} must be ${what}`, { option })
  if (cores !== undefined && !Array.isArray(cores)) throw wrong('cores', 'a list of folders')
  if (typescript !== undefined && typeof typescript !== 'string') {
    throw wrong('typescript', 'the folder of a package')
  }
  if (timeout !== undefined && !(timeout > 0 && timeout <= 2 ** 31 - 1)) {
    throw wrong('timeout', 'a number of milliseconds')
  }
}

import { join } from 'node:path'
import { DruidError } from '@druid/core'
import { checkNames } from '@druid/core/extension'
import { behaviourRules } from './behaviour-rules.ts'
import type { CheckOptions } from './check.ts'
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

const OPTIONS = ['options', 'cores', 'typescript', 'timeout']

/** All rules that apply to the target; see {@link CheckOptions} and `checkExtension`. */
export async function applyRules(
  target: string | URL | object,
  options: CheckOptions,
): Promise<Problem[]> {
  checkNames(options, OPTIONS, 'checkExtension')
  checkOptions(options)
  if (typeof target === 'string' || isUrl(target)) {
    return withPackage(target, (it) => packageRules(it, options))
  }
  if ((typeof target !== 'object' && typeof target !== 'function') || target === null) {
    throw wrongTarget(`the target is ${String(target)}; give a folder, a tarball, or a module`)
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

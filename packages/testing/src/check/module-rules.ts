import * as core from '@druid/core'
import * as extension from '@druid/core/extension'
import { type AnyExtension, isRecord, messageOf } from '@druid/core/extension'
import { fault, type Problem } from './problem.ts'
import { wrongTarget } from './target.ts'
import { tryOut, WRITE } from './trial.ts'
import { watch } from './watch.ts'

/** R4 to R6 and R10 to R13, of a module that is imported already. It runs in this process. */
export async function moduleRules(module: object, options: unknown): Promise<Problem[]> {
  const problems: Problem[] = []
  const tell = (problem: Problem): void => {
    problems.push(problem)
  }
  let tried: AnyExtension | undefined
  try {
    tried = extensionIn(module, tell)
  } catch (cause) {
    throw wrongTarget(`the target cannot be read: ${messageOf(cause)}`, cause)
  }
  if (tried === undefined) return problems
  const client = core.connect('http://druid.invalid:8888')
  const watching = watch({ alone: false, core: { ...(core as object), client }, tell })
  try {
    await tryOut({ core, extension, tried, options, watch: watching, tell, step: () => {} })
  } finally {
    watching.stop()
  }
  return problems
}

/** A definition, one as default export (of a CommonJS module: twice), or a bare registerClient. */
function extensionIn(module: object, tell: (problem: Problem) => void): AnyExtension | undefined {
  const own = module as {
    then?: unknown
    default?: { default?: unknown }
    registerClient?: unknown
  }
  if (typeof own.then === 'function') throw new Error("a promise; write await import('…/register')")
  const places: unknown[] = [own, own.default, own.default?.default]
  const definition = places.find(isDefinition)
  const bare = places.find(hasRegisterClient)
  if (bare === undefined) {
    tell(fault('R4', `it exports no function registerClient; ${WRITE}`))
    return undefined
  }
  if (typeof own.registerClient !== 'function') {
    tell(fault('R4', `it does not export registerClient itself; ${WRITE}`))
  }
  const { registerClient } = bare
  return definition ?? { '~druid': { apiVersion: 1 }, name: 'checked', registerClient }
}

function isDefinition(value: unknown): value is AnyExtension {
  return hasRegisterClient(value) && isRecord((value as Partial<AnyExtension>)['~druid'])
}

function hasRegisterClient(value: unknown): value is Pick<AnyExtension, 'registerClient'> {
  const { registerClient } = Object(value) as Partial<AnyExtension>
  return typeof registerClient === 'function'
}

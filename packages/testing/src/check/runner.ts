/**
 * A program: runs an extension where it can do no harm to the process that checks it, and tells
 * what it did. `node runner.js <job>`: the job is a file of JSON, what it tells are lines of JSON on
 * descriptor 3. Whoever started it ends it.
 */
import { readFileSync, writeSync } from 'node:fs'
import * as module from 'node:module'
import { performance } from 'node:perf_hooks'
import process from 'node:process'
import type * as CoreDiscover from '@druid/core/discover'
import { type AnyExtension, messageOf } from '@druid/core/extension'
import type { Job, Step, Told } from './job.ts'
import { CORE } from './manifest.ts'
import { fault } from './problem.ts'
import { type CoreModules, tryOut, WRITE } from './trial.ts'
import { settle, type Watch, watch } from './watch.ts'

/** In a variable, as it has no types. */
const EMPTY = 'data:text/javascript,'

// Taken before an extension can replace them.
const write = writeSync
const { stringify } = JSON
const now = performance.now.bind(performance)
const { cpuUsage } = process

const job = JSON.parse(readFileSync(process.argv[2] as string, 'utf8')) as Job
let step: Step = 'start'

function tell(what: Told): void {
  if ('step' in what) step = what.step
  write(3, `${stringify(what)}\n`)
}

tell({ step: 'start' })
// Nothing comes from there, but its end when the other process ends. Until then this one waits: an
// extension that waits for what never comes must be seen to wait, not end.
const { pid, kill } = process
process.stdin.on('end', () => kill(pid, 'SIGKILL')).resume()
const modules: CoreModules = {
  core: await import(job.core.index),
  extension: await import(job.core.extension),
}
const { discover }: typeof CoreDiscover = await import(job.core.discover)
const client = modules.core.connect('http://druid.invalid:8888')
const usesCore = { yes: false }
noteCore()

const watching = watch({
  alone: true,
  core: { ...(modules.core as object), client },
  tell: (problem) => tell({ problem }),
})
process.on('unhandledRejection', (error) =>
  strayed('a rejected promise that nobody handles', error),
)
process.on('uncaughtException', (error) => strayed('an error that nobody catches', error))

tell({ step: 'import' })
const extension = await imported(watching)
if (extension !== undefined && !job.onlyImport) {
  await tryOut({
    ...modules,
    tried: extension,
    options: job.options,
    watch: watching,
    tell: (problem) => tell({ problem }),
    step: (next) => tell({ step: next }),
  })
}
tell({ step: 'done' })

/** R4 and R5. The extension that `discover()` would give an application. */
async function imported(watching: Watch): Promise<AnyExtension | undefined> {
  let entry: Readonly<Record<string, unknown>> | undefined
  let failure: { readonly error: unknown } | undefined
  let began = false
  const set = await discover({
    from: job.application,
    async importModule() {
      began = true
      const empty = await timed(() => import(EMPTY))
      const moment = { phase: 'import', subject: 'importing it' } as const
      try {
        const took = await timed(async () => {
          entry = await watching.during(moment, () => import(job.entry))
        })
        tell({ facts: { ms: Math.max(0, took - empty) } })
      } catch (error) {
        failure = { error }
        throw error
      } finally {
        watching.compare()
      }
      return entry
    },
  })
  await settle()
  watching.compare()
  for (const one of await watching.left()) {
    tell({
      problem: fault('R5', `importing it leaves ${one}; open it in a class, when it is used`),
    })
  }
  tell({ facts: { usesCore: usesCore.yes } })
  const found = set.extensions[0]?.extension
  if (failure !== undefined) {
    if (watching.acts() === 0) {
      tell({ problem: fault('R4', `importing it fails: ${messageOf(failure.error)}`) })
    }
    return undefined
  }
  if (found === undefined) {
    // It was not even imported for its name; or that did not end.
    const rule = !began ? 'R10' : entry === undefined ? 'R5' : 'R4'
    const error = set.reports[0]?.error
    const help = rule === 'R4' ? `; ${WRITE}` : ''
    tell({ problem: fault(rule, `${messageOf(error?.cause ?? error)}${help}`) })
    return undefined
  }
  if (typeof entry?.registerClient !== 'function') {
    const why = 'its "./register" does not export registerClient itself'
    tell({ problem: fault('R4', `${why}; ${WRITE}`) })
  }
  const isDefinition = entry?.registerClient !== found.registerClient || entry?.default === found
  if (isDefinition) {
    tell({ facts: { name: String(found.name), apiVersion: Number(found['~druid']?.apiVersion) } })
  }
  return found
}

/** Milliseconds that this process worked or waited: not those in which others had the processor. */
async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = now()
  const { user, system } = cpuUsage()
  const { idle } = performance.eventLoopUtilization()
  await run()
  const worked = cpuUsage({ user, system })
  const waited = performance.eventLoopUtilization().idle - idle
  return Math.min(now() - start, (worked.user + worked.system) / 1000 + waited)
}

/** Nobody waits for it: in an application it ends the process. */
function strayed(what: string, error: unknown): void {
  // What was kept from doing something may well fail.
  if (watching.acts() > 0) return
  const rule = step === 'construct' ? 'R11' : step === 'close' ? 'R12' : 'R5'
  tell({
    problem: fault(rule, `it leaves ${what}, which ends an application: ${messageOf(error)}`),
  })
}

/** Whether the package itself imports core, so that it must say so. */
function noteCore(): void {
  // From Node 22.15 on.
  module.registerHooks?.({
    resolve(specifier, context, next) {
      const isCore = specifier === CORE || specifier.startsWith(`${CORE}/`)
      if (isCore && context.parentURL?.startsWith(job.inside)) usesCore.yes = true
      return next(specifier, context)
    },
  })
}

import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { isTypeScript, registerTarget } from './entries.ts'
import type { Facts, Job, Step } from './job.ts'
import { CORE, isPackageName, type Manifest, own, section } from './manifest.ts'
import type { CoreCopy } from './packages.ts'
import { fault, type Problem, type Rule, shown, warning } from './problem.ts'
import { type Run, run } from './run.ts'

/** What is to be run. */
export interface Behaviour {
  readonly folder: string
  readonly manifest: Manifest
  readonly packed: boolean
  readonly core: CoreCopy
  /** A folder for the run, made if need be. */
  readonly temporary: string
  readonly options: unknown
  /** Milliseconds for each step. */
  readonly timeout: number
}

/** Milliseconds that importing may take; of sources, whose types Node must strip first. */
const LONGEST_IMPORT = { built: 100, source: 300 }
/** A busy machine must not make an extension slow. */
const MEASUREMENTS = 5

/** R4 to R7, R10 to R13, R15: what the package does when it is imported, registered, used, closed. */
export async function behaviourRules(behaviour: Behaviour): Promise<Problem[]> {
  const { folder, manifest, temporary } = behaviour
  const target = registerTarget(folder, manifest)
  // R2 says so.
  if (target === undefined || !existsSync(join(folder, target))) return []
  const file = target.slice(2)
  const ran = await runOnce(behaviour, target, join(temporary, 'run'), false)
  const problems = [
    ...ran.problems.map((problem) => (behaviour.packed ? withPlaces(problem) : problem)),
    ...endProblems(ran, behaviour),
    ...(await slowProblems(behaviour, target, ran)),
  ].map((problem) => ({ ...problem, file }))
  return [...problems, ...factProblems(manifest, ran.facts)]
}

/** What a tarball depends on is not in it. */
function withPlaces(problem: Problem): Problem {
  if (!problem.message.includes('Cannot find package')) return problem
  const places = 'dependencies are looked for beside the tarball and in the working directory'
  return { ...problem, message: `${problem.message}; ${places}` }
}

/** Registers the package on another copy of core: R14. */
export async function registersOn(behaviour: Behaviour): Promise<Problem[]> {
  const target = registerTarget(behaviour.folder, behaviour.manifest)
  if (target === undefined) return []
  const ran = await runOnce(behaviour, target, join(behaviour.temporary, 'run'), false)
  return [...ran.problems, ...endProblems(ran, behaviour)].filter(({ level }) => level === 'error')
}

async function runOnce(
  { folder, manifest, core, options, timeout }: Behaviour,
  target: string,
  temporary: string,
  onlyImport: boolean,
): Promise<Run> {
  const application = await applicationOf(manifest, join(temporary, 'application'))
  const { index, extension, discover } = core
  const job: Job = {
    entry: pathToFileURL(join(folder, target)).href,
    inside: `${pathToFileURL(folder).href}/`,
    application,
    core: { index, extension, discover },
    options,
    onlyImport,
  }
  return run(job, temporary, timeout)
}

/**
 * An application that depends on a package of that name. What stands in place of the package only
 * says what R1, R2 and R14 have judged already, so that the rest is judged whatever they found.
 */
async function applicationOf(manifest: Manifest, root: string): Promise<string> {
  const given = own(manifest, 'name')
  const name = isPackageName(given) ? given : 'unnamed'
  const druid = section(manifest, 'druid')
  const extension = own(druid, 'extension')
  const installed = join(root, 'node_modules', name)
  await mkdir(installed, { recursive: true })
  const write = (folder: string, content: object): Promise<void> =>
    writeFile(join(folder, 'package.json'), JSON.stringify(content))
  await write(root, { name: 'application', dependencies: { [name]: '*' } })
  await write(installed, {
    name,
    version: own(manifest, 'version'),
    keywords: ['druid-extension'],
    exports: { './register': './register.js' },
    druid: { ...(typeof extension === 'string' && { extension }), apiVersion: 1 },
  })
  return root
}

const AT: Readonly<Record<Exclude<Step, 'start' | 'done'>, { rule: Rule; doing: string }>> = {
  import: { rule: 'R5', doing: 'importing it' },
  register: { rule: 'R10', doing: 'registerClient' },
  construct: { rule: 'R11', doing: 'connecting with it and making its instances' },
  close: { rule: 'R12', doing: 'closing its connections' },
}

/** A run that came to no end. */
function endProblems(
  { step, ended, noise, problems }: Run,
  { core, timeout }: Behaviour,
): Problem[] {
  if (step === 'done') return []
  if (step === 'start') {
    const why = `the copy of ${CORE} in ${core.folder} cannot be loaded`
    const how = ended === 'time' ? 'it takes too long' : 'the process ended'
    return [fault('R14', `${why}: ${noise || how}; install another`)]
  }
  const { rule, doing } = AT[step]
  if (ended === 'time') {
    return [fault(rule, `${doing} does not end within ${timeout / 1000} s; a loop, or an await?`)]
  }
  // It may have been told how.
  if (problems.some((it) => it.rule === rule)) return []
  return [fault(rule, `${doing} ends the process${noise && `: ${noise}`}`)]
}

/** R5: the time. The best of several, each in a process of its own. */
async function slowProblems(behaviour: Behaviour, target: string, first: Run): Promise<Problem[]> {
  const longest = LONGEST_IMPORT[isTypeScript(target) ? 'source' : 'built']
  let best = first.facts.ms ?? 0
  for (let i = 1; i < MEASUREMENTS && best > longest; i++) {
    const folder = join(behaviour.temporary, `run-${i}`)
    const { facts } = await runOnce(behaviour, target, folder, true)
    best = Math.min(best, facts.ms ?? best)
  }
  if (best <= longest) return []
  const why = `importing it takes ${Math.round(best)} ms (the best of ${MEASUREMENTS}), and may take ${longest}`
  return [warning('R5', `${why}; load what is heavy by import() in the method that needs it`)]
}

const FILE = 'package.json'

/** R7 and R15: what the manifest says, against what it turned out to be. */
function factProblems(manifest: Manifest, facts: Partial<Facts>): Problem[] {
  const problems: Problem[] = []
  const named = ['peerDependencies', 'dependencies', 'optionalDependencies']
  // Where it is one of the others, that has been told.
  if (facts.usesCore && !named.some((field) => Object.hasOwn(section(manifest, field), CORE))) {
    const why = `it imports ${CORE}, which package.json does not name as a peer`
    problems.push(
      fault('R7', `${why}; write "peerDependencies": { "${CORE}": "^<version>" }`, FILE),
    )
  }
  const { name, apiVersion } = facts
  const fields = section(manifest, 'druid')
  const [staticName, staticApi] = [own(fields, 'extension'), own(fields, 'apiVersion')]
  const write = `write "druid": { "extension": ${shown(name)}, "apiVersion": ${apiVersion ?? 1} }`
  if (own(manifest, 'druid') === undefined) {
    const why = 'there is no "druid", by which tools know the extension without running it'
    problems.push(warning('R15', name === undefined ? why : `${why}; ${write}`, FILE))
    return problems
  }
  if (name !== undefined && typeof staticName === 'string' && staticName !== name) {
    const why = `druid.extension is ${shown(staticName)}, and the definition's name ${shown(name)}`
    problems.push(fault('R15', `${why}; ${write}`, FILE))
  }
  if (apiVersion !== undefined && Number.isInteger(staticApi) && staticApi !== apiVersion) {
    const why = `druid.apiVersion is ${staticApi}, and the definition's ${apiVersion}`
    problems.push(fault('R15', `${why}; ${write}`, FILE))
  }
  return problems
}

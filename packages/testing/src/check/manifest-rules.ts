import { EXTENSION_API } from '@druid/core/extension'
import { satisfies, subset, validRange } from 'semver'
import { CORE, isPackageName, type Manifest, own, section } from './manifest.ts'
import { fault, type Problem, shown, warning } from './problem.ts'

const FILE = 'package.json'
const KEYWORD = 'druid-extension'

/** What the rules that only read package.json find: R1, R7, R10 (its name), R14, R15. */
export function manifestRules(manifest: Manifest, core: string, packed: boolean): Problem[] {
  return [
    ...keywordProblems(manifest),
    ...peerProblems(manifest),
    ...nameProblems(manifest),
    ...rangeProblems(manifest, core, packed),
    ...fieldProblems(manifest),
  ]
}

/** R1 */
function keywordProblems(manifest: Manifest): Problem[] {
  const keywords = own(manifest, 'keywords')
  if (Array.isArray(keywords) && keywords.includes(KEYWORD)) return []
  const why =
    keywords === undefined || Array.isArray(keywords)
      ? `keywords lacks "${KEYWORD}", so discover() passes it over`
      : `keywords is no list, so discover() passes it over`
  return [fault('R1', `${why}; write "keywords": ["${KEYWORD}"]`, FILE)]
}

/** R7 */
function peerProblems(manifest: Manifest): Problem[] {
  const wrong = ['dependencies', 'optionalDependencies'].filter((field) =>
    Object.hasOwn(section(manifest, field), CORE),
  )
  const write = `write "peerDependencies": { "${CORE}": "^<version>" }, and "devDependencies" for your tests`
  const problems = wrong.map((field) =>
    fault('R7', `${field} names ${CORE}: users get a second copy of it; ${write}`, FILE),
  )
  for (const field of ['bundledDependencies', 'bundleDependencies']) {
    const bundled = own(manifest, field)
    if (bundled === true || (Array.isArray(bundled) && bundled.includes(CORE))) {
      problems.push(fault('R7', `${field} packs ${CORE} into the package; ${write}`, FILE))
    }
  }
  if (problems.length > 0 || Object.hasOwn(section(manifest, 'peerDependencies'), CORE)) {
    return problems
  }
  return [warning('R7', `nothing says which versions of ${CORE} it works with; ${write}`, FILE)]
}

/** R10, of the package itself. */
function nameProblems(manifest: Manifest): Problem[] {
  const name = own(manifest, 'name')
  if (isPackageName(name)) return []
  return [fault('R10', `name: ${shown(name)} is no name of a package`, FILE)]
}

/** R14, as far as the range says it. */
function rangeProblems(manifest: Manifest, core: string, packed: boolean): Problem[] {
  const peers = section(manifest, 'peerDependencies')
  if (!Object.hasOwn(peers, CORE)) return []
  const range = peers[CORE]
  const where = `peerDependencies["${CORE}"]: ${shown(range)}`
  if (typeof range === 'string' && range.startsWith('workspace:')) {
    if (!packed) return []
    return [fault('R14', `${where} means nothing outside its workspace; pack it with pnpm`, FILE)]
  }
  const valid = typeof range === 'string' && range.length <= 256 ? validRange(range) : null
  if (valid === null) return [fault('R14', `${where} is no range; write "^${core}"`, FILE)]
  if (!satisfies(core, valid, { includePrerelease: true })) {
    const why = `${where} leaves out ${core}, with which it was checked`
    return [fault('R14', `${why}; widen the range, or install a version within it`, FILE)]
  }
  if (subset('>=99999.0.0', valid)) {
    const why = `${where} has no end, and nobody knows the versions to come`
    return [warning('R14', `${why}; write "^${core}"`, FILE)]
  }
  if (/^=?v?\d+\.\d+\.\d+\S*$/.test(valid)) {
    const why = `${where} is one version only, which two extensions seldom share`
    return [warning('R14', `${why}; write "^${core}"`, FILE)]
  }
  return []
}

/** R14 and R15, of the field `druid`. */
function fieldProblems(manifest: Manifest): Problem[] {
  const druid = own(manifest, 'druid')
  if (druid === undefined) return []
  const fields = section(manifest, 'druid')
  const problems: Problem[] = []
  if (druid !== fields) problems.push(fault('R15', `druid: ${shown(druid)} is no object`, FILE))
  const name = own(fields, 'extension')
  if (name !== undefined && typeof name !== 'string') {
    problems.push(fault('R15', `druid.extension: ${shown(name)} is no name`, FILE))
  }
  const api = own(fields, 'apiVersion')
  if (api !== undefined && !(Number.isInteger(api) && (api as number) >= 1)) {
    problems.push(
      fault('R15', `druid.apiVersion: ${shown(api)} is no version; write ${EXTENSION_API}`, FILE),
    )
  } else if (Number(api) > EXTENSION_API) {
    const why = `druid.apiVersion is ${api}, and the installed ${CORE} offers ${EXTENSION_API}`
    problems.push(fault('R14', `${why}; update ${CORE}, or build for the older API`, FILE))
  }
  return problems
}

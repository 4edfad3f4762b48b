/** The run-time half of the names in `methods.ts`. */

const EXTENSION_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const ROLE_NAME = /^[a-zA-Z][a-zA-Z0-9]*([-_][a-zA-Z0-9]+)*$/
const METHOD_NAME = /^[a-zA-Z][a-zA-Z0-9]*$/

/** `then` would make the cluster a promise; the others are every object's own. */
const NO_METHODS: ReadonlySet<string> = new Set(['then', 'catch', 'finally', 'toJSON', 'prototype'])

/** More than any npm package's; without a limit a name could flood every message. */
const LONGEST = 214

export function isExtensionName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= LONGEST && EXTENSION_NAME.test(name)
}

export function isRoleName(name: string): boolean {
  return name.length <= LONGEST && ROLE_NAME.test(name)
}

export function isClusterMethodName(name: string): boolean {
  return (
    name.length <= LONGEST &&
    METHOD_NAME.test(name) &&
    !NO_METHODS.has(name) &&
    !(name in Object.prototype)
  )
}

/** `csv`, `jsonLines`, `kerberos`: of formatters and authentication providers. */
export function isPlainName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= LONGEST && METHOD_NAME.test(name)
}

/** `COMPLEX<HLLSketch>`, `STRING`: Druid's name of a native type. */
export function isTypeName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= LONGEST && /^[A-Z]+(<[\w<>.-]+>)?$/.test(name)
}

/** `query-worker` and `middle_manager` → `queryWorker`, `middleManager`. */
function camelCase(name: string): string {
  return name.replace(/[-_]([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** `imply` → `implyClient`: the method of an extension's client, and of a role's. */
export function clientMethod(name: string): string {
  return `${camelCase(name)}Client`
}

/** `@acme/druid-imply` → `imply`: the name of an extension that does not say one. */
export function nameOfPackage(packageName: string): string {
  return packageName.replace(/^@[^/]*\//, '').replace(/^druid-/, '')
}

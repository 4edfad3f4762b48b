/** The run-time half of the names in `methods.ts`. */

const EXTENSION_NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const ROLE_NAME = /^[a-zA-Z][a-zA-Z0-9]*([-_][a-zA-Z0-9]+)*$/
const METHOD_NAME = /^[a-zA-Z][a-zA-Z0-9]*$/

/** `then` would make the cluster a promise; the others are every object's own. */
const NO_METHODS: ReadonlySet<string> = new Set(['then', 'catch', 'finally', 'toJSON', 'prototype'])

export function isExtensionName(name: unknown): name is string {
  return typeof name === 'string' && EXTENSION_NAME.test(name)
}

export function isRoleName(name: string): boolean {
  return ROLE_NAME.test(name)
}

export function isClusterMethodName(name: string): boolean {
  return METHOD_NAME.test(name) && !NO_METHODS.has(name) && !(name in Object.prototype)
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

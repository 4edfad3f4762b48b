import { Script } from 'node:vm'
import { messageOf, recordExtension } from '@druid/core/extension'
import { InvalidArgumentError } from 'commander'

/** What a new extension is called. */
export interface Name {
  /** Of the npm package: `@acme/druid-audit-log`. */
  readonly packageName: string
  /** Of the extension: `audit-log`. */
  readonly extension: string
}

const SCOPE = /^@[a-z0-9~-][a-z0-9._~-]*$/

/** Names whose methods `@druid/cluster` has, or that are its own. */
const TAKEN = [
  'broker',
  'cluster',
  'coordinator',
  'druid',
  'historical',
  'indexer',
  'middleManager',
  'overlord',
  'router',
]

/**
 * Reads a name: that of an extension (`audit-log`, whose package is then `druid-audit-log`), or of a
 * package (`druid-audit-log`, `@acme/druid-audit-log`).
 * @throws InvalidArgumentError for one that cannot be either.
 */
export function readName(given: string): Name {
  const [, scope, own = ''] = /^(?:([^/]*)\/)?(.*)$/s.exec(given) ?? []
  if (scope !== undefined && !SCOPE.test(scope)) {
    throw new InvalidArgumentError('A scope is a word after an @, e.g. @acme/druid-audit-log.')
  }
  const extension = own.replace(/^druid-/, '')
  const isPackage = scope !== undefined || own !== extension
  const packageName = isPackage ? given : `druid-${own}`
  try {
    recordExtension({ '~druid': { apiVersion: 1 }, name: extension, registerClient: () => {} })
  } catch (error) {
    throw new InvalidArgumentError(`${messageOf(error)}.`)
  }
  if (packageName.length > 214) throw new InvalidArgumentError('npm takes 214 characters at most.')
  if (TAKEN.includes(camelCase(extension))) {
    throw new InvalidArgumentError(
      'The library itself, or @druid/cluster, has methods of this name.',
    )
  }
  return { packageName, extension }
}

/** `audit-log` → `auditLog`: an extension's name as a word of TypeScript. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

/** `auditLog` → `AuditLog` */
export function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** Whether a module can have a variable of this name: `import` and `class` it cannot. */
export function isVariable(word: string): boolean {
  try {
    // Compiled, and not run.
    new Script(`'use strict'; const ${word} = 0`)
    return word !== 'await'
  } catch {
    return false
  }
}

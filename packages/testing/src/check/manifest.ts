import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DruidError } from '@druid/core'
import { isRecord, messageOf } from '@druid/core/extension'

export const CORE = '@druid/core'

/** A package.json. Any field may be missing, or of any type. */
export type Manifest = Readonly<Record<string, unknown>>

/** @throws DruidError `CONFIG` when there is none, or it is no JSON object. */
export async function readManifest(folder: string, target: string): Promise<Manifest> {
  const unreadable = (why: string, cause?: unknown): DruidError =>
    new DruidError('CONFIG', `checkExtension: ${target}: ${why}`, { option: 'target', cause })
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch((cause: unknown) => {
    const why = `it has no package.json that can be read (${messageOf(cause)})`
    throw unreadable(`${why}; name the folder or the tarball of a package`, cause)
  })
  let manifest: unknown
  try {
    manifest = JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (cause) {
    throw unreadable(`its package.json is no JSON: ${messageOf(cause)}`, cause)
  }
  if (!isRecord(manifest)) throw unreadable('its package.json holds no object')
  return manifest
}

/** A field that maps names to something; `{}` for anything else. */
export function section(manifest: Manifest, field: string): Readonly<Record<string, unknown>> {
  const value = own(manifest, field)
  return isRecord(value) ? value : {}
}

/** `constructor` and `__proto__` are no fields of a manifest that does not have them. */
export function own(object: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined
}

const PACKAGE_NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/

/** Whether npm takes it; only then may it become part of a path. */
export function isPackageName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= 214 && PACKAGE_NAME.test(name)
}

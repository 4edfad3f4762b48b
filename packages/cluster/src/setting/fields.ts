import { DruidError, isRecord, type RequestOptions, versionFits } from '@druid/core/extension'
import type { DruidService } from '../roles/common.ts'

/** Field → versions of Druid that have it; none: all. */
export type Fields = Readonly<Record<string, string | undefined>>

/** The newest version of which the fields are known. */
const KNOWN = '<38'

/**
 * Throws `INVALID_INPUT` for a field that this version does not have: Druid would drop it without a word.
 *
 * @param now what is in force: the fields that it has are there.
 */
export async function checkFields(
  what: string,
  next: unknown,
  {
    fields,
    now,
    service,
    options,
  }: {
    readonly fields: Fields
    readonly now?: unknown
    readonly service: DruidService
    readonly options: RequestOptions
  },
): Promise<void> {
  if (!isRecord(next)) {
    throw new DruidError('INVALID_INPUT', `${what}: it must be an object`)
  }
  const there = isRecord(now) ? now : {}
  const given = Object.keys(next).filter((name) => next[name] !== undefined && !(name in there))
  // Most often all is known without asking.
  if (given.every((name) => name in fields && fields[name] === undefined)) return
  const { version } = await service.status(options)
  if (!versionFits(version, KNOWN)) return
  const has = Object.keys(fields).filter((name) => versionFits(version, fields[name] ?? '>=0'))
  const wrong = given.find((name) => !has.includes(name))
  if (wrong === undefined) return
  const range = fields[wrong]
  const all = [...new Set([...has, ...Object.keys(there)])].sort().join(', ')
  throw new DruidError(
    'INVALID_INPUT',
    `${what}: Druid ${version} has no field "${wrong}"${range === undefined ? '' : ` (Druid ${range} has)`}; there are ${all}`,
  )
}

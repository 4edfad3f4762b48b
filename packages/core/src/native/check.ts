import { DruidError, isDruidError, messageOf } from '../error/error.ts'
import { isRecord } from '../error/record.ts'
import type { NativeQuery } from './query.ts'
import { type Kind, SHAPES, type ShapeKind, TEXTS, UNTYPED } from './shapes.ts'

/** Throws `INVALID_INPUT`, naming the place, for what is no native query. */
export function checkedQuery(value: unknown): NativeQuery {
  try {
    part(value, 'query', '')
  } catch (cause) {
    if (isDruidError(cause)) throw cause
    // The stack is used up: by thousands of parts within one another, or by a circle.
    const isDeep = cause instanceof RangeError
    const why = isDeep ? 'it is nested too deep' : `it cannot be read: ${messageOf(cause)}`
    throw refusal('', why, cause)
  }
  return value as NativeQuery
}

function part(value: unknown, kind: Kind, place: string): void {
  if (typeof value === 'string' && TEXTS[kind]?.isOne(value)) return
  if (kind === 'intervals' && Array.isArray(value)) {
    list(value, 'interval', 0, place)
    return
  }
  if (!isShape(kind) || !isRecord(value)) {
    throw refusal(place, `it must be ${described(kind)}`)
  }
  const key = kind === 'query' ? 'queryType' : 'type'
  const type = value[key] ?? UNTYPED[kind]
  if (typeof type !== 'string' || type === '') throw refusal(place, `its ${key} is missing`)
  const shapes: Readonly<Record<string, string>> = SHAPES[kind]
  const shape = Object.hasOwn(shapes, type) ? shapes[type] : undefined
  if (shape === undefined) {
    if (kind !== 'query') return
    // A part may be an extension's, but of a query nothing would be typed.
    const why = `"${type}" is no queryType that is known here; custom(JSON.parse(text)) is sent as it is`
    throw refusal(place, why)
  }
  for (const member of shape.split(' ').filter(Boolean)) checkMember(value, member, place)
}

function isShape(kind: Kind): kind is ShapeKind {
  return Object.hasOwn(SHAPES, kind)
}

/** One as {@link SHAPES} writes it, or several of which some must be there. */
function checkMember(value: Record<string, unknown>, member: string, place: string): void {
  const names = member.split(/[|+]/)
  const there = names.filter((one) => checkOne(value, one, place))
  if (names.length < 2) return
  const named = names.map((one) => one.replace(/:.*/, '')).join(' or ')
  if (there.length === 0) throw refusal(place, `its ${named} is missing`)
  if (there.length > 1 && member.includes('|')) {
    throw refusal(place, `it must have ${named}, and not both`)
  }
}

/** Whether it is there. */
function checkOne(value: Record<string, unknown>, member: string, place: string): boolean {
  const [, name = '', must, kind, least] = MEMBER.exec(member) ?? []
  const inner = value[name]
  const at = place === '' ? name : `${place}.${name}`
  if (inner === undefined || inner === null) {
    if (must) throw refusal(at, 'it is missing')
    return false
  }
  if (least !== undefined) list(inner, kind as Kind | '', Number(least), at)
  else if (kind) part(inner, kind as Kind, at)
  return true
}

const MEMBER = /^(\w+)(!)?(?::(\w*)(?:\[(\d*)\])?)?$/

function list(value: unknown, kind: Kind | '', least: number, place: string): void {
  if (!Array.isArray(value)) throw refusal(place, 'it must be a list')
  if (value.length < least) {
    throw refusal(place, least === 1 ? 'it is empty' : `it must be a list of ${least} or more`)
  }
  if (kind === '') return
  for (const [i, one] of value.entries()) part(one, kind, `${place}[${i}]`)
}

function described(kind: Kind): string {
  const text = TEXTS[kind]?.what
  if (text !== undefined && !isShape(kind)) return text
  const record = `an object with a ${kind === 'query' ? 'queryType' : 'type'}`
  return text === undefined ? record : `${text} or ${record}`
}

function refusal(place: string, why: string, cause?: unknown): DruidError<'INVALID_INPUT'> {
  const where = place === '' ? 'native query' : `native query: ${place}`
  return new DruidError('INVALID_INPUT', `${where}: ${why}`, { cause })
}

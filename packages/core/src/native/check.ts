import { DruidError } from '../error/error.ts'
import { isRecord } from '../error/record.ts'
import type { NativeQuery } from './query.ts'
import { NAMED, SHAPES, type ShapeKind } from './shapes.ts'

/** Throws `INVALID_INPUT`, naming the place, for what is no native query. */
export function checkedQuery(value: unknown): NativeQuery {
  part(value, 'query', '')
  return value as NativeQuery
}

function part(value: unknown, kind: ShapeKind, place: string): void {
  if (typeof value === 'string' && value !== '' && NAMED.has(kind)) return
  if (!isRecord(value)) throw refusal(place, `it must be ${described(kind)}`)
  const key = kind === 'query' ? 'queryType' : 'type'
  const type = value[key]
  if (typeof type !== 'string' || type === '') {
    throw refusal(place, `its ${key} is missing`)
  }
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

function checkMember(value: Record<string, unknown>, member: string, place: string): void {
  const [, name = '', must, kind, list] = MEMBER.exec(member) ?? []
  const inner = value[name]
  const at = place === '' ? name : `${place}.${name}`
  if (inner === undefined || inner === null) {
    if (must) throw refusal(at, 'it is missing')
    return
  }
  if (kind === undefined) return
  const of = kind as ShapeKind
  if (list === undefined) part(inner, of, at)
  else if (!Array.isArray(inner)) throw refusal(at, 'it must be a list')
  else for (const [i, one] of inner.entries()) part(one, of, `${at}[${i}]`)
}

const MEMBER = /^(\w+)(!)?(?::(\w+)(\[\])?)?$/

function described(kind: ShapeKind): string {
  const key = kind === 'query' ? 'queryType' : 'type'
  return `${NAMED.has(kind) ? 'a name or ' : ''}an object with a ${key}`
}

function refusal(place: string, why: string): DruidError<'INVALID_INPUT'> {
  const where = place === '' ? 'native query' : `native query: ${place}`
  return new DruidError('INVALID_INPUT', `${where}: ${why}`)
}

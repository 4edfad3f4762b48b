import type { Shape } from './row.ts'

/** What of an answer is not as its shape says; nothing where all is. */
export function misfits(answer: unknown, shape: Shape, at = 'the answer'): string[] {
  if (typeof shape === 'string') return isOf(answer, shape) ? [] : [`${at} is no ${shape}`]
  if (Array.isArray(shape)) {
    if (!Array.isArray(answer)) return [`${at} is no list`]
    if (shape.length === 2 && answer.length === 0) return [`${at} is empty`]
    const element = shape[shape.length - 1] as Shape
    return answer.flatMap((one, i) => misfits(one, element, `${at}[${i}]`))
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    return [`${at} is no object`]
  }
  const fields = shape as { readonly [field: string]: Shape }
  return Object.entries(fields).flatMap(([name, field]) => {
    if (name !== '*' && name !== '+') {
      return misfits((answer as Record<string, unknown>)[name], field, `${at}.${name}`)
    }
    const values = Object.entries(answer)
    if (name === '+' && values.length === 0) return [`${at} is empty`]
    return values.flatMap(([key, value]) => misfits(value, field, `${at}.${key}`))
  })
}

function isOf(answer: unknown, type: string): boolean {
  if (type === 'any') return true
  if (type === 'null') return answer === null
  if (type === 'bytes') return answer instanceof Uint8Array
  return typeof answer === type
}

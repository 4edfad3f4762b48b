import type { Method } from './members.ts'

/**
 * All or none. Not enumerable, so that a logged client does not list them; replaceable, so that
 * tests can spy.
 */
export function attach(object: object, methods: Iterable<readonly [string, Method]>): void {
  const done: string[] = []
  try {
    for (const [name, value] of methods) {
      Object.defineProperty(object, name, {
        value,
        enumerable: false,
        configurable: true,
        writable: true,
      })
      done.push(name)
    }
  } catch (error) {
    for (const name of done) Reflect.deleteProperty(object, name)
    throw error
  }
}

import { type Candidate, described, extensionError } from './candidate.ts'

/** The names that the extensions of one connection have taken. */
export interface Claims {
  /** For one extension: claims that are its own only once all of them are taken. */
  of(candidate: Candidate): OwnClaims
  clear(): void
}

export interface OwnClaims {
  /**
   * Throws where the name is taken: by another extension, by this one, or by `object` itself.
   * `on`: `client` or `cluster` for a method, else the kind of thing, e.g. `codec`.
   */
  claim(on: string, key: string, object?: object): void
  take(): void
}

const WAY_OUT = 'leave one of the two out, or give each a connection of its own'

export function claims(): Claims {
  const owners = new Map<string, Candidate>()
  return {
    of(candidate) {
      const own = new Set<string>()
      function takenBy(on: string, key: string, object: object | undefined): string | undefined {
        const owner = owners.get(`${on}.${key}`)
        if (owner !== undefined) return `${described(owner)}; ${WAY_OUT}`
        if (own.has(`${on}.${key}`)) return 'another role or method of its own'
        return object !== undefined && key in object ? `the ${on} itself` : undefined
      }
      return {
        claim(on, key, object) {
          const by = takenBy(on, key, object)
          const what = on === 'client' || on === 'cluster' ? `${on}.${key}()` : `${on} ${key}`
          if (by !== undefined) throw extensionError(candidate, `${what} is already taken by ${by}`)
          own.add(`${on}.${key}`)
        },
        take() {
          for (const name of own) owners.set(name, candidate)
        },
      }
    },
    clear: () => owners.clear(),
  }
}

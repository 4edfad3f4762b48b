import { DruidError } from '../error/error.ts'

/** The server's version; `undefined` where it does not say. Asked for until it is known. */
export type ServerVersion = () => Promise<string | undefined>

export function serverVersion(ask: () => Promise<string>): ServerVersion {
  let version: Promise<string | undefined> | undefined
  return () => {
    // Who may not see it learns of a server that is too old by its answers.
    version ??= ask().catch(() => {
      version = undefined
      return undefined
    })
    return version
  }
}

/** Throws `UNSUPPORTED` for an older server. One whose version is not known is asked to try. */
export async function requireVersion(
  since: number,
  what: string,
  version: ServerVersion,
): Promise<void> {
  const known = await version()
  const major = /^(\d+)\.\d/.exec(known ?? '')?.[1]
  if (major === undefined || Number(major) >= since) return
  throw new DruidError(
    'UNSUPPORTED',
    `${what} needs Druid ${since} or later, and the server has ${known}`,
  )
}

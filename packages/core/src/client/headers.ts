import { DruidError, messageOf } from '../error/error.ts'

const NAME = /^[!#$%&'*+.^_`|~\w-]+$/
/** What both transports can send: one line of Latin-1 (RFC 9110, field values). */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/** How a message is framed, and where it goes, is no caller's to say. */
const OF_THE_TRANSPORT: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/**
 * Headers with names in lower case, so that one given in another case replaces the default rather
 * than joining it. Throws `CONFIG` for what no header can hold; checked here because a platform's
 * own error may repeat the value, which may be a credential.
 */
export function headersFrom(headers: Readonly<Record<string, string>>): Record<string, string> {
  const checked: Record<string, string> = {}
  for (const [name, value] of entriesOf(headers)) {
    if (!NAME.test(name)) throw refusal(`"${name}" is no name of a header`)
    if (OF_THE_TRANSPORT.has(name.toLowerCase())) throw refusal(`"${name}" is set by the transport`)
    if (typeof value !== 'string' || !VALUE.test(value)) {
      throw refusal(
        `the value of "${name}" must be one line of text; a token read from a file may end with a line feed`,
      )
    }
    checked[name.toLowerCase()] = value
  }
  return checked
}

/** The second come over the first, whatever the case of their names. Throws `CONFIG` as {@link headersFrom}. */
export function mergedHeaders(
  first: Readonly<Record<string, string>> | undefined,
  second: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const all = [...entriesOf(first ?? {}), ...entriesOf(second ?? {})]
  return Object.fromEntries(all.map(([name, value]) => [name.toLowerCase(), value]))
}

/** A getter, or a proxy, may throw. */
function entriesOf(headers: Readonly<Record<string, string>>): [string, string][] {
  try {
    return Object.entries(headers)
  } catch (cause) {
    throw refusal(`they cannot be read: ${messageOf(cause)}`, cause)
  }
}

/** What stands in the place of a value that middleware may not see. */
const HIDDEN = '(hidden)'

/** Those say who calls, whoever gives them. */
const SECRET = ['authorization', 'cookie', 'proxy-authorization']

/** And those of the connection: what an application keeps there, it means to be secret. */
export function secretNamesOf(headers: Readonly<Record<string, string>>): ReadonlySet<string> {
  return new Set([...SECRET, ...Object.keys(headers).map((name) => name.toLowerCase())])
}

/** The headers of a call, and those of them that only the server may see. */
export interface CallHeaders {
  /** As middleware sees them: of a secret one, only that it is there. */
  readonly shown: Record<string, string>
  readonly secret: Readonly<Record<string, string>>
}

/** `names`: in lower case, of the secret ones. */
export function callHeaders(
  headers: Readonly<Record<string, string>>,
  names: ReadonlySet<string>,
): CallHeaders {
  const entries = Object.entries(headersFrom(headers))
  return {
    shown: Object.fromEntries(
      entries.map(([name, value]) => [name, names.has(name) ? HIDDEN : value]),
    ),
    secret: Object.fromEntries(entries.filter(([name]) => names.has(name))),
  }
}

/** The headers as they are sent: with the secret ones, unless middleware put others in their place. */
export function withSecrets(
  headers: Readonly<Record<string, string>>,
  secret: Readonly<Record<string, string>>,
): Record<string, string> {
  const own = Object.entries(headers).filter(([, value]) => value !== HIDDEN)
  return { ...secret, ...Object.fromEntries(own) }
}

function refusal(why: string, cause?: unknown): DruidError {
  return new DruidError('CONFIG', `headers: ${why}`, { option: 'headers', cause })
}

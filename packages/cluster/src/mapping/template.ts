import { hostInUrl, isHttp, nameOf, portsOf, word } from './address.ts'
import { type AddressMapper, called, type ServerAddress, wrongMapper } from './mapper.ts'

/** What may stand in a template, and what of a server fills it; `undefined`: it has none. */
const FILLED = {
  /** As Druid has it: `middle_manager`. */
  role: ({ role }: ServerAddress) => word(role),
  host: ({ host }: ServerAddress) => hostInUrl(host),
  /** The host up to its first dot: `druid-historical-0`. */
  name: ({ host }: ServerAddress) => nameOf(host),
  /** The number at the end of that name: `0`. */
  index: ({ host }: ServerAddress) => /\d+$/.exec(nameOf(host) ?? '')?.[0],
  scheme: (server: ServerAddress) => portsOf(server)[0]?.scheme,
  port: (server: ServerAddress) => portsOf(server)[0]?.port.toString(),
  plaintextPort: ({ plaintextPort }: ServerAddress) => positive(plaintextPort),
  tlsPort: ({ tlsPort }: ServerAddress) => positive(tlsPort),
} satisfies Record<string, (server: ServerAddress) => string | undefined>

/** One for all roles, or by role; then it does not know the others. */
export type Templates = string | Readonly<Record<string, string>>

/**
 * A URL with `{role}`, `{host}`, `{name}` (the host up to its first dot), `{index}` (the number at its
 * end), `{scheme}`, `{port}` (the preferred ones), `{plaintextPort}` and `{tlsPort}`; or one for each
 * role. It does not know a server that has not what the template asks for.
 *
 * @example urlTemplate('https://gateway.example.com/{role}/{name}')
 * @example urlTemplate({ coordinator: 'http://localhost:18081' })
 * @throws DruidError `CONFIG` for what is no template of an http: or https: URL without credentials.
 */
export function urlTemplate(templates: Templates): AddressMapper {
  const templateOf = checkedTemplates('urlTemplate', templates)
  return called('urlTemplate', (server) => filledUrl(templateOf(server.role), server))
}

/** The template of a role. Throws `CONFIG` for what is none. */
export function checkedTemplates(
  what: string,
  templates: Templates,
  isRight: (filled: string) => boolean = isUrl,
): (role: string) => string | undefined {
  const check = (template: unknown): string => {
    const text = String(template)
    for (const [, name = ''] of text.matchAll(/\{([^}]*)\}/g)) {
      if (Object.hasOwn(FILLED, name)) continue
      const known = Object.keys(FILLED).map((it) => `{${it}}`)
      throw wrongMapper(`${what}: {${name}} is none of ${known.join(', ')}`)
    }
    const filled = text.replace('{scheme}', 'http').replaceAll(/\{[^}]*\}/g, '1')
    if (typeof template === 'string' && isRight(filled)) return text
    // Not the text: it may hold a password.
    throw wrongMapper(`${what}: a template does not make a URL without credentials`)
  }
  if (typeof templates === 'string') {
    const template = check(templates)
    return () => template
  }
  if (typeof templates !== 'object' || templates === null) {
    throw wrongMapper(`${what}: it is a template, or { [role]: template }`)
  }
  const byRole = new Map(Object.entries(templates).map(([role, text]) => [role, check(text)]))
  return (role) => byRole.get(role)
}

/** `undefined` where the server lacks what it asks for. */
export function filled(template: string | undefined, server: ServerAddress): string | undefined {
  let isWhole = template !== undefined
  const text = template?.replaceAll(/\{([^}]*)\}/g, (_, name: keyof typeof FILLED) => {
    const value = FILLED[name](server)
    isWhole &&= value !== undefined
    return value ?? ''
  })
  return isWhole ? text : undefined
}

export function filledUrl(template: string | undefined, server: ServerAddress): URL | undefined {
  const text = filled(template, server)
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined
}

function isUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && isHttp(url) && url.username === '' && url.password === ''
}

function positive(port: number): string | undefined {
  return port > 0 ? String(port) : undefined
}

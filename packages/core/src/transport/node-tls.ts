import { isIP, type Socket } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import { DruidError, messageOf } from '../error/error.ts'
import { checkNames } from '../error/unknown-name.ts'
import {
  checkTlsTogether,
  checkTlsValue,
  type Identity,
  identityOf,
  type TlsValues,
  wrongTls,
} from './node-pem.ts'
import type { TlsOptions } from './settings.ts'
import type { TlsFacts } from './tls-failure.ts'

/** Where a socket goes. */
export interface Target {
  /** Without brackets. */
  readonly host: string
  readonly port: number
}

/** Begins TLS on a socket, or on a new one where there is none yet. Emits `secureConnect` or `error`. */
export type Secure = (target: Target, tunnel: Socket | undefined) => Promise<TLSSocket>

const PROVIDED = ['ca', 'cert', 'key', 'passphrase', 'servername', 'fingerprint256'] as const
const IDENTITY = ['ca', 'cert', 'key', 'passphrase'] as const

interface Known extends Identity {
  readonly values: TlsValues
  /**
   * By server, those that took this identity. A session continues what its first handshake has checked,
   * so it is not for another identity, nor for other authorities.
   */
  readonly sessions: Map<string, Buffer | undefined>
}

/** TLS by these options. Throws `CONFIG` for wrong ones, and where it can tell without a provider. */
export function tls(options: TlsOptions = {}): Secure {
  checkNames(options, [...PROVIDED, 'rejectUnauthorized'], 'connect: tls')
  const { rejectUnauthorized = true } = options
  if (typeof rejectUnauthorized !== 'boolean') {
    throw new DruidError('CONFIG', 'connect: tls.rejectUnauthorized must be true or false', {
      option: 'tls.rejectUnauthorized',
    })
  }
  checkTlsTogether(options)
  const fixed: Record<string, unknown> = {}
  const asked: (keyof TlsValues)[] = []
  for (const name of PROVIDED) {
    const value = options[name]
    if (typeof value === 'function') asked.push(name)
    else if (value !== undefined) {
      checkTlsValue(name, value)
      fixed[name] = value
    }
  }

  let last: Known | undefined

  /** Certificates and keys are read once, and again when others are given. */
  function identityFor(values: TlsValues): Known {
    if (last === undefined || !IDENTITY.every((name) => same(last?.values[name], values[name]))) {
      last = { ...identityOf(values), values, sessions: new Map() }
    }
    return last
  }

  if (IDENTITY.some((name) => fixed[name] !== undefined)) {
    if (!asked.some((name) => (IDENTITY as readonly string[]).includes(name))) identityFor(fixed)
  }

  return async ({ host, port }, tunnel) => {
    const values = asked.length === 0 ? fixed : await allOf(fixed, options, asked)
    const { context, validity, sessions } = identityFor(values as TlsValues)
    const { servername, fingerprint256 } = values as TlsValues
    const pin = fingerprint256?.replaceAll(':', '').toLowerCase()
    const server = `${host} ${port} ${servername ?? ''}`
    const session = pin === undefined && rejectUnauthorized ? sessions.get(server) : undefined
    const socket = connect({
      host,
      port,
      // An address is no name to ask for; it is looked for in the certificate all the same.
      servername: servername ?? (isIP(host) === 0 ? host : ''),
      secureContext: context,
      // For servers that would take silence for HTTP/2.
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: rejectUnauthorized && pin === undefined,
      ...(tunnel && { socket: tunnel }),
      ...(session && { session }),
    })
    // Whoever waits for it hears of an error; it must not end the process before somebody does.
    socket.on('error', () => {})
    const facts: TlsFacts = {
      asked: undefined,
      accepted: false,
      known: sessions.has(server),
      validity,
    }
    factsOf.set(socket, facts)
    // Before an alert can end the handshake: what signatures a server takes it says only to a client
    // whose certificate it asks for. What this event tells is left alone.
    socket.on('keylog', () => {
      if ((socket.getSharedSigalgs()?.length ?? 0) > 0) facts.asked ??= performance.now()
    })
    socket.on('session', (ticket) => {
      facts.accepted = true
      sessions.set(server, ticket)
    })
    socket.once('close', (failed) => {
      if (failed && sessions.has(server)) sessions.set(server, undefined)
    })
    if (pin !== undefined) {
      socket.prependOnceListener('secureConnect', () => {
        const shown = socket.getPeerCertificate().fingerprint256
        if (shown?.replaceAll(':', '').toLowerCase() !== pin) socket.destroy(otherThan(shown))
      })
    }
    return socket
  }
}

const factsOf = new WeakMap<object, TlsFacts>()

/** What is known of the handshake of a socket. */
export function tlsFacts(socket: object | null | undefined): TlsFacts | undefined {
  return socket ? factsOf.get(socket) : undefined
}

function otherThan(shown: string | undefined): Error {
  const text = `the server's certificate has the SHA-256 ${shown ?? '(none)'}`
  return Object.assign(new Error(text), { code: 'ERR_TLS_FINGERPRINT' })
}

/** The fixed values, and those that providers give. */
async function allOf(
  fixed: TlsValues,
  options: TlsOptions,
  names: readonly (keyof TlsValues)[],
): Promise<TlsValues> {
  const entries = names.map(async (name) => [name, await given(name, options[name])] as const)
  return { ...fixed, ...Object.fromEntries(await Promise.all(entries)) }
}

async function given(name: keyof TlsValues, provider: unknown): Promise<unknown> {
  let value: unknown
  try {
    value = await (provider as () => unknown)()
  } catch (cause) {
    throw Object.assign(
      wrongTls(name, `could not be had: its provider failed: ${messageOf(cause)}`),
      { cause },
    )
  }
  checkTlsValue(name, value)
  return value
}

/** The same value, or equal bytes or text. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((one, i) => same(one, b[i]))
  }
  return a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0
}

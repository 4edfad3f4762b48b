import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { createSecureContext, type SecureContext } from 'node:tls'
import { DruidError } from '../error/error.ts'
import type { Pem } from './settings.ts'

/** What the options `tls` say, with nothing left to ask for. */
export interface TlsValues {
  readonly ca?: Pem | readonly Pem[] | undefined
  readonly cert?: Pem | undefined
  readonly key?: Pem | undefined
  readonly passphrase?: string | undefined
  readonly servername?: string | undefined
  readonly fingerprint256?: string | undefined
}

/** The dates between which the client's certificate is valid. */
export interface Validity {
  readonly from: Date
  readonly to: Date
}

export interface Identity {
  readonly context: SecureContext
  readonly validity: Validity | undefined
}

/** Throws `CONFIG` for an option `tls`; the message must not repeat what was given: it may be a key. */
export function wrongTls(name: keyof TlsValues, why: string): DruidError<'CONFIG'> {
  return new DruidError('CONFIG', `connect: tls.${name} ${why}`, { option: `tls.${name}` })
}

const CHECKS: { readonly [Name in keyof TlsValues]-?: (value: unknown) => void } = {
  ca(value) {
    const list = Array.isArray(value) ? value : [value]
    if (list.length === 0) throw wrongTls('ca', 'is an empty list: nobody would be trusted')
    for (const one of list) certificate('ca', one)
  },
  cert: (value) => void certificate('cert', value),
  key: (value) => void pem('key', value, /-----BEGIN [A-Z ]*PRIVATE KEY-----/),
  passphrase(value) {
    if (typeof value !== 'string') throw wrongTls('passphrase', 'must be a string')
  },
  servername(value) {
    if (typeof value !== 'string' || value === '' || isIP(value) !== 0) {
      throw wrongTls('servername', 'must be a host name, such as router.example.com')
    }
  },
  fingerprint256(value) {
    if (typeof value !== 'string' || !/^[0-9a-f]{64}$/i.test(value.replaceAll(':', ''))) {
      throw wrongTls(
        'fingerprint256',
        'must be the SHA-256 of a certificate: 64 hexadecimal digits, with or without colons',
      )
    }
  },
}

/** Throws `CONFIG` for what this option cannot be. */
export function checkTlsValue(name: keyof TlsValues, value: unknown): void {
  CHECKS[name](value)
}

/** Throws `CONFIG` where one option needs another. */
export function checkTlsTogether(given: { readonly [Name in keyof TlsValues]?: unknown }): void {
  if (given.cert !== undefined && given.key === undefined) {
    throw wrongTls('key', 'is missing: tls.cert needs its private key')
  }
  if (given.key !== undefined && given.cert === undefined) {
    throw wrongTls('cert', 'is missing: tls.key is of a certificate')
  }
  if (given.passphrase !== undefined && given.key === undefined) {
    throw wrongTls('key', 'is missing: tls.passphrase is of a key')
  }
}

/** Reads certificates and key. Throws `CONFIG` naming which is wrong; OpenSSL's own errors do not say. */
export function identityOf({ ca, cert, key, passphrase }: TlsValues): Identity {
  let validity: Validity | undefined
  if (cert !== undefined && key !== undefined) {
    const own = certificate('cert', cert)
    if (!own.checkPrivateKey(privateKey(key, passphrase))) {
      throw wrongTls('key', 'is not the key of tls.cert')
    }
    validity = { from: new Date(own.validFrom), to: new Date(own.validTo) }
  }
  const context = createSecureContext({
    ...(ca !== undefined && { ca: Array.isArray(ca) ? ca.map(text) : text(ca as Pem) }),
    ...(cert !== undefined && { cert: text(cert) }),
    ...(key !== undefined && { key: text(key) }),
    ...(passphrase !== undefined && { passphrase }),
  })
  return { context, validity }
}

function certificate(name: 'ca' | 'cert', value: unknown): X509Certificate {
  const read = pem(name, value, /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----/)
  try {
    return new X509Certificate(read)
  } catch {
    throw wrongTls(name, 'is PEM that holds no readable certificate')
  }
}

function privateKey(key: Pem, passphrase: string | undefined): KeyObject {
  const read = text(key)
  try {
    return createPrivateKey({ key: read, ...(passphrase !== undefined && { passphrase }) })
  } catch {
    if (!read.includes('ENCRYPTED')) throw wrongTls('key', 'is PEM that holds no readable key')
    throw passphrase === undefined
      ? wrongTls('passphrase', 'is missing: tls.key is encrypted')
      : wrongTls('passphrase', 'does not open tls.key')
  }
}

function pem(name: 'ca' | 'cert' | 'key', value: unknown, begin: RegExp): string {
  const read = typeof value === 'string' || value instanceof Uint8Array ? text(value) : ''
  if (begin.test(read)) return read
  const what = name === 'key' ? 'PRIVATE KEY' : 'CERTIFICATE'
  throw wrongTls(
    name,
    `must be PEM (-----BEGIN ${what}-----): what the file holds, not its path, as a string or bytes`,
  )
}

function text(value: Pem): string {
  return typeof value === 'string' ? value : new TextDecoder().decode(value)
}

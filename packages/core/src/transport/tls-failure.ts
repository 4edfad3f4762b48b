import { DruidError, type DruidErrorDetails } from '../error/error.ts'

/** What a transport knows of the handshake that failed. */
export interface TlsFacts {
  /** When the server asked for a certificate (`performance.now()`), if it did. */
  asked: number | undefined
  /** Whether it went on after the handshake: then it has taken what it was shown. */
  accepted: boolean
  /** Whether it has taken the same before, on another connection. */
  readonly known: boolean
  /** Of the certificate that it was shown, if it was shown one. */
  readonly validity: { readonly from: Date; readonly to: Date } | undefined
}

type Reason = DruidErrorDetails['TLS']['reason']

/** The error for a failure of TLS, or `undefined` where it is none. */
export function tlsFailure(
  error: { readonly code: string; readonly why: string; readonly cause: unknown },
  attempted: string,
  facts: TlsFacts | undefined,
): DruidError<'TLS'> | undefined {
  const { code, why, cause } = error
  if (code.startsWith('HPE_') && isAlert(cause)) {
    const told = 'the server speaks TLS at this port, no plain HTTP; write https: in the URL'
    return new DruidError('TLS', `${attempted}: ${told}`, { reason: 'protocol', cause })
  }
  const reason = reasonOf(code, why.toUpperCase().replaceAll(' ', '_'), facts)
  if (reason === undefined) return undefined
  const told = `${TEXT[reason](facts)} (${why.trim()})`
  return new DruidError('TLS', `${attempted}: ${told}`, { reason, cause })
}

/** What Node's parser of HTTP was given begins as an alert of TLS does. */
function isAlert(cause: unknown): boolean {
  const { rawPacket } = cause as { readonly rawPacket?: Uint8Array }
  return rawPacket?.[0] === 0x15 && rawPacket[1] === 3
}

const TEXT: Readonly<Record<Reason, (facts: TlsFacts | undefined) => string>> = {
  name: () =>
    "the server's certificate is for another name than that in the URL; write the URL with a name that is in it, or give that in tls.servername",
  untrusted: () =>
    "the server's certificate is by an authority that is not trusted; give that authority's certificate in tls.ca, or the server's fingerprint in tls.fingerprint256",
  expired: () =>
    "the server's certificate has expired, or is not valid yet; renew it, or set the clock right",
  fingerprint: () =>
    'the server shows another certificate than that of tls.fingerprint256: it was renewed, or somebody else answers',
  clientCertificate,
  protocol: () =>
    'the server does not speak TLS as this client does; does it serve plain HTTP at this port (http: in the URL)?',
  other: () => 'the TLS connection failed',
}

function clientCertificate(facts: TlsFacts | undefined): string {
  if (facts === undefined) {
    return 'the server wants a client certificate, or refuses that which it was shown; tls.cert and tls.key give one, with the transport of Node'
  }
  const { validity } = facts
  if (validity === undefined) {
    return 'the server wants a client certificate, and there is none; give it in tls.cert and tls.key'
  }
  const date = (when: Date): string => when.toISOString()
  if (validity.to.getTime() < Date.now()) {
    return `the server refuses the client certificate (tls.cert): it has expired, at ${date(validity.to)}`
  }
  if (validity.from.getTime() > Date.now()) {
    return `the server refuses the client certificate (tls.cert): it is valid only from ${date(validity.from)}`
  }
  return 'the server refuses the client certificate (tls.cert): does it trust the authority that signed it?'
}

const NAME = /^(ERR_TLS_CERT_ALTNAME|HOSTNAME_MISMATCH)/
const EXPIRED = /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/
const UNTRUSTED = /^(SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|CERT_|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH)/
/** An alert about a certificate that a client receives is about its own. */
const REFUSED = /ALERT_(\w*CERTIFICATE\w*|UNKNOWN_CA|ACCESS_DENIED)/
const HANDSHAKE = /ALERT_HANDSHAKE_FAILURE/
const PROTOCOL =
  /WRONG_VERSION|UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION|NO_PROTOCOLS|PACKET_LENGTH|HTTP_REQUEST|HTTPS_PROXY_REQUEST|HANDSHAKE_FAILURE|UNEXPECTED_MESSAGE|NO_SHARED|BAD_RECORD_TYPE/
const OTHER = /^(ERR_TLS|ERR_SSL|ERR_OSSL|EPROTO|CRL_)/
const CUT = /^(ECONNRESET|EPIPE|ECONNABORTED)$/

function reasonOf(code: string, why: string, facts: TlsFacts | undefined): Reason | undefined {
  if (code === 'ERR_TLS_FINGERPRINT') return 'fingerprint'
  if (NAME.test(code)) return 'name'
  if (EXPIRED.test(code)) return 'expired'
  if (UNTRUSTED.test(code)) return 'untrusted'
  // Before its alert is read, a server's end may be seen as a reset.
  if (CUT.test(code)) return facts && refusedBefore(facts) ? 'clientCertificate' : undefined
  if (!OTHER.test(code)) return undefined
  const both = `${code} ${why}`
  if (REFUSED.test(both)) return 'clientCertificate'
  // What TLS 1.2 says to a client that shows none.
  if (HANDSHAKE.test(both) && facts?.asked !== undefined) return 'clientCertificate'
  return PROTOCOL.test(both) ? 'protocol' : 'other'
}

/** A refusal comes at once; what is cut later has another reason. */
const AT_ONCE = 2_000

/** Whether a server that asked for a certificate ended without a sign that it took what it was shown. */
function refusedBefore({ asked, accepted, known, validity }: TlsFacts): boolean {
  if (asked === undefined || accepted || performance.now() - asked > AT_ONCE) return false
  return !known || (validity !== undefined && validity.to.getTime() < Date.now())
}

/**
 * How the server speaks TLS. `trusted`: a certificate for `localhost` and `127.0.0.1`, of the CA in
 * `tls.ca`. The others are what can be wrong: `selfSigned`: by no CA; `unknownCa`: by another CA than
 * that in `tls.ca`; `wrongName`: for another host; `expired`: since yesterday; `clientCertificate`: one is asked
 * for, of the same CA; `handshakeCut`: the connection is reset when the client begins; `notTls`: plain HTTP.
 */
export type TlsMode =
  | 'trusted'
  | 'selfSigned'
  | 'unknownCa'
  | 'wrongName'
  | 'expired'
  | 'clientCertificate'
  | 'handshakeCut'
  | 'notTls'

export const TLS_MODES: readonly TlsMode[] = [
  'trusted',
  'selfSigned',
  'unknownCa',
  'wrongName',
  'expired',
  'clientCertificate',
  'handshakeCut',
  'notTls',
]

/** What a client needs to trust the server, and to be trusted; PEM. */
export interface TlsFiles {
  readonly ca: string
  /** A client's certificate of that CA, and its key. */
  readonly cert: string
  readonly key: string
}

/** The longest time of a timer, in milliseconds. */
export const LONGEST_TIMER = 2 ** 31 - 1

/** A value, or what gives one: it is asked for each new socket. */
export type Provided<T> = T | (() => T | Promise<T>)

/** PEM: what the file holds, not its path. */
export type Pem = string | Uint8Array

/**
 * How servers are recognised, and who we are to them. Each of the first six may be a function: it is
 * asked for each new socket, so that a certificate that was renewed is used without a restart.
 */
export interface TlsOptions {
  /** The authorities to trust, instead of those that Node comes with. One PEM may hold several. */
  readonly ca?: Provided<Pem | readonly Pem[]> | undefined
  /** The client's certificate, with its chain, for servers that ask for one. */
  readonly cert?: Provided<Pem> | undefined
  /** The private key of {@link TlsOptions.cert}. */
  readonly key?: Provided<Pem> | undefined
  /** Of an encrypted {@link TlsOptions.key}. */
  readonly passphrase?: Provided<string> | undefined
  /** The name to ask for (SNI), and to find in the certificate. Default: the host of the URL. */
  readonly servername?: Provided<string> | undefined
  /**
   * SHA-256 of the server's certificate in hexadecimal digits, with or without colons: that
   * certificate is trusted and no other, whoever signed it and whatever name and dates are in it.
   */
  readonly fingerprint256?: Provided<string> | undefined
  /** `false`: any certificate is accepted, and who answers is not known. Default true. */
  readonly rejectUnauthorized?: boolean | undefined
}

/** The kept-alive sockets of a connection. */
export interface PoolOptions {
  /** So many requests to one server are under way at once, further ones wait. Default: no limit. */
  readonly connections?: number | undefined
  /**
   * So many milliseconds an idle socket is kept; less where the server's `Keep-Alive: timeout` says
   * so. It must be less than what the server and anything in between allow, or sockets die in the
   * pool. Default 30,000.
   */
  readonly idle?: number | undefined
}

/**
 * URL of an HTTP proxy (`http:` or `https:`, with its user and password where it asks for them), which
 * tunnels by CONNECT to servers of both `http:` and `https:`. `env`: what `HTTPS_PROXY`,
 * `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say, in capitals or not, for each new socket.
 */
export type ProxyOption = string | URL

/** What a platform's own transport is made with. */
export interface TransportSettings {
  readonly tls?: TlsOptions | undefined
  readonly proxy?: ProxyOption | undefined
  readonly pool?: PoolOptions | undefined
  /**
   * Milliseconds for DNS, TCP, proxy and TLS of a new socket; 0 and `Infinity` are no limit. Default
   * 10,000.
   */
  readonly connectTimeout?: number | undefined
}

/** The option of `connect` that each comes from. */
const SETTING_OPTIONS: Readonly<Record<keyof TransportSettings, string>> = {
  tls: 'tls',
  proxy: 'proxy',
  pool: 'pool',
  connectTimeout: 'timeout.connect',
}

/** The option of the first setting that there is, for a transport that can have none. */
export function firstSetting(settings: TransportSettings): string | undefined {
  for (const [name, option] of Object.entries(SETTING_OPTIONS)) {
    if (settings[name as keyof TransportSettings] !== undefined) return option
  }
  return undefined
}

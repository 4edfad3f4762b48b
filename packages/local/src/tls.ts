import { access, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { tool } from './prerequisites.ts'
import { run } from './run.ts'
import type { Properties } from './services.ts'

/** HTTPS beside plain HTTP, with certificates of an authority that the start makes. */
export interface Tls {
  /** Let in only who shows a certificate of the same authority. Default `false`. */
  readonly clientAuth?: boolean | undefined
}

/** PEM files of a certificate and of its private key (PKCS#8, without a password). */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

export interface CertificateRequest {
  /** Its common name, and the name of its files: letters, digits, `.`, `-`, `_`. */
  readonly name: string
  /** Host names and addresses that it is for. Default: none, as for a client. */
  readonly hosts?: readonly string[] | undefined
  /** From when it is valid. Default: a day ago. */
  readonly from?: Date | undefined
  /** For how many days, from then. Default 3650. */
  readonly days?: number | undefined
}

/** How to speak HTTPS with a cluster. */
export interface LocalTls extends Certificate {
  /** Of the Router. */
  readonly routerUrl: string
  /** PEM file of the authority, which a client must trust. */
  readonly ca: string
  /**
   * Makes another certificate of the authority, e.g. one that has expired: `{ name: 'old', from: new
   * Date('2020-01-01'), days: 1 }`. One of the same name is replaced.
   */
  issue(request: CertificateRequest): Promise<Certificate>
}

/** Every service that may serve HTTPS, by the names that a certificate needs on this machine. */
const SERVER = { name: 'server', hosts: ['localhost', '127.0.0.1', '::1', '*.druid.internal'] }
const CLIENT = { name: 'client' }
const TRUST_STORE = 'trust.p12'
const TAKEN = ['ca', 'trust', SERVER.name, CLIENT.name]

/** Java wants one. Who may read the data folder has the keys anyway. */
const STORE_PASSWORD = 'druid-local'

/** `keytool` gives no private key away in any form but a key store. */
const KEY_EXPORT = `
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;

public final class KeyExport {
  public static void main(String[] args) throws Exception {
    char[] password = args[1].toCharArray();
    KeyStore store = KeyStore.getInstance(Path.of(args[0]).toFile(), password);
    byte[] key = store.getKey(args[2], password).getEncoded();
    String text = Base64.getMimeEncoder(64, new byte[] { '\\n' }).encodeToString(key);
    String pem = "-----BEGIN PRIVATE KEY-----\\n" + text + "\\n-----END PRIVATE KEY-----\\n";
    Files.writeString(Path.of(args[3]), pem);
  }
}
`

/**
 * The authority of a data folder, with a certificate for its services and one for a client: made by
 * the JDK's `keytool`, once.
 */
export async function authority(
  dataDir: string,
  javaBin: string,
): Promise<Omit<LocalTls, 'routerUrl'>> {
  const folder = tlsFolder(dataDir)
  const there = await access(folder).then(
    () => true,
    () => false,
  )
  if (!there) {
    // All of it or nothing: a start may be given up meanwhile.
    const work = await mkdtemp(`${folder}-`)
    try {
      await makeAuthority(work, javaBin)
      await Promise.all([SERVER, CLIENT].map((it) => makeCertificate(work, javaBin, it)))
      await rename(work, folder)
    } finally {
      await rm(work, { recursive: true, force: true })
    }
  }
  return {
    ca: join(folder, 'ca.pem'),
    ...filesOf(folder, CLIENT.name),
    async issue(request) {
      checkRequest(request)
      await makeCertificate(folder, javaBin, request)
      return filesOf(folder, request.name)
    },
  }
}

/** What makes a service serve HTTPS at the port. */
export function serverTlsProperties(dataDir: string, port: number, tls: Tls): Properties {
  const folder = tlsFolder(dataDir)
  return {
    'druid.enableTlsPort': true,
    'druid.tlsPort': port,
    'druid.server.https.keyStorePath': join(folder, `${SERVER.name}.p12`),
    'druid.server.https.keyStoreType': 'PKCS12',
    'druid.server.https.keyStorePassword': STORE_PASSWORD,
    'druid.server.https.certAlias': SERVER.name,
    ...(tls.clientAuth && {
      'druid.server.https.requireClientCertificate': true,
      // A client's certificate names no host.
      'druid.server.https.validateHostnames': false,
      'druid.server.https.trustStorePath': join(folder, TRUST_STORE),
      'druid.server.https.trustStoreType': 'PKCS12',
      'druid.server.https.trustStorePassword': STORE_PASSWORD,
    }),
  }
}

/** Flags of every service, for calling those (see `tls-module.ts`). */
export function clientTlsFlags(dataDir: string): string[] {
  const folder = tlsFolder(dataDir)
  return [
    `-Djavax.net.ssl.trustStore=${join(folder, TRUST_STORE)}`,
    `-Djavax.net.ssl.trustStorePassword=${STORE_PASSWORD}`,
    `-Djavax.net.ssl.keyStore=${join(folder, `${CLIENT.name}.p12`)}`,
    `-Djavax.net.ssl.keyStorePassword=${STORE_PASSWORD}`,
  ]
}

function tlsFolder(dataDir: string): string {
  return join(dataDir, 'tls')
}

function filesOf(folder: string, name: string): Certificate {
  return { cert: join(folder, `${name}.pem`), key: join(folder, `${name}-key.pem`) }
}

function checkRequest({ name, hosts = [], from = new Date(), days = 1 }: CertificateRequest): void {
  if (!/^\w[\w.-]*$/.test(name) || TAKEN.includes(name)) {
    throw new Error(
      `"${name}" is no name for a certificate: letters, digits, ".", "-" and "_", and none of ${TAKEN.join(', ')}`,
    )
  }
  const odd = hosts.find((host) => isIP(host) === 0 && !/^[\w*][\w.-]*$/.test(host))
  if (odd !== undefined) throw new Error(`"${odd}" is no host name or address`)
  if (Number.isNaN(from.getTime())) throw new Error('from: this is no date')
  if (!Number.isInteger(days) || days < 1) throw new Error(`days: ${days} is no number of days`)
}

async function makeAuthority(folder: string, javaBin: string): Promise<void> {
  await writeFile(join(folder, 'KeyExport.java'), KEY_EXPORT)
  const key = ['-keyalg', 'EC', '-keysize', '256', '-validity', '3650']
  const use = ['-ext', 'bc:critical=ca:true', '-ext', 'ku:critical=keyCertSign,cRLSign']
  await keytool(javaBin, folder, 'ca', '-genkeypair', '-dname', 'CN=druid-local', ...key, ...use)
  await keytool(javaBin, folder, 'ca', '-exportcert', '-rfc', '-file', 'ca.pem')
  const trust = ['-alias', 'ca', '-keystore', TRUST_STORE, '-storetype', 'PKCS12']
  const args = ['-importcert', '-noprompt', '-file', 'ca.pem', ...trust]
  await java(javaBin, 'keytool', folder, [...args, '-storepass', STORE_PASSWORD])
}

async function makeCertificate(
  folder: string,
  javaBin: string,
  { name, hosts = [], from = new Date(Date.now() - 86_400_000), days = 3650 }: CertificateRequest,
): Promise<void> {
  const file = (ending: string): string => `${name}${ending}`
  await rm(join(folder, file('.p12')), { force: true })
  const key = ['-keyalg', 'EC', '-keysize', '256', '-dname', `CN=${name}`]
  await keytool(javaBin, folder, name, '-genkeypair', ...key)
  await keytool(javaBin, folder, name, '-certreq', '-file', file('.csr'))
  const names = hosts.map((host) => `${isIP(host) ? 'ip' : 'dns'}:${host}`)
  const valid = ['-startdate', from.toISOString().replace(/-/g, '/').replace('T', ' ').slice(0, 19)]
  const use = ['-ext', 'eku=serverAuth,clientAuth']
  if (names.length > 0) use.push('-ext', `san=${names.join(',')}`)
  const files = ['-infile', file('.csr'), '-outfile', file('.pem')]
  valid.push('-validity', String(days))
  await keytool(javaBin, folder, 'ca', '-gencert', '-rfc', ...files, ...valid, ...use)
  const pems = [file('.pem'), 'ca.pem'].map((it) => readFile(join(folder, it), 'utf8'))
  await writeFile(join(folder, file('.chain')), (await Promise.all(pems)).join(''))
  await keytool(javaBin, folder, name, '-importcert', '-noprompt', '-file', file('.chain'))
  const where = [file('.p12'), STORE_PASSWORD, name, file('-key.pem')]
  await java(javaBin, 'java', folder, ['KeyExport.java', ...where])
  for (const ending of ['.csr', '.chain']) await rm(join(folder, file(ending)))
}

/** Runs it on the key store, and the entry in it, of that name. */
function keytool(
  javaBin: string,
  folder: string,
  name: string,
  command: string,
  ...args: readonly string[]
): Promise<void> {
  const store = ['-keystore', `${name}.p12`, '-storetype', 'PKCS12', '-storepass', STORE_PASSWORD]
  return java(javaBin, 'keytool', folder, [
    command,
    '-alias',
    name,
    ...store,
    ...args,
    // As which it reads dates.
    '-J-Duser.timezone=UTC',
  ])
}

async function java(
  javaBin: string,
  name: string,
  folder: string,
  args: readonly string[],
): Promise<void> {
  const { code, output } = await run(tool(javaBin, name), args, { cwd: folder })
  if (code !== 0) throw new Error(`${name} ${args[0]} failed: ${output.trim()}`)
}

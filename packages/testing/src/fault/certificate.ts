import type { TlsOptions } from 'node:tls'
import type { TlsFiles, TlsMode } from './tls.ts'

type Pem = { readonly cert: string; readonly key: string }

const DAY = 24 * 60 * 60 * 1000

/** Certificates for one server, made now. */
export async function certificates(
  mode: TlsMode,
): Promise<{ readonly server: TlsOptions; readonly files: TlsFiles }> {
  const ca = await authority()
  const issuer = mode === 'selfSigned' ? undefined : mode === 'unknownCa' ? await authority() : ca
  const server = await leaf(issuer, {
    hosts: mode === 'wrongName' ? ['druid.example'] : ['localhost', '127.0.0.1'],
    until: mode === 'expired' ? -DAY : DAY,
  })
  const client = await leaf(ca, { hosts: [], until: DAY })
  return {
    server: {
      ...server,
      // By TLS 1.3 a client may have sent its request, and see a reset, before it is told why.
      ...(mode === 'clientCertificate' && {
        ca: ca.cert,
        requestCert: true,
        maxVersion: 'TLSv1.2' as const,
      }),
    },
    files: { ca: ca.cert, ...client },
  }
}

function authority(): Promise<Pem> {
  // A client may trust several: it looks them up by name.
  return signed(`Fault server CA ${crypto.randomUUID()}`, undefined, DAY, [
    { name: 'basicConstraints', cA: true, critical: true },
    { name: 'keyUsage', keyCertSign: true, critical: true },
  ])
}

function leaf(
  issuer: Pem | undefined,
  { hosts, until }: { readonly hosts: readonly string[]; readonly until: number },
): Promise<Pem> {
  const altNames = hosts.map((host) =>
    /^[\d.]+$/.test(host) ? { type: 7 as const, ip: host } : { type: 2 as const, value: host },
  )
  return signed(hosts[0] ?? 'client', issuer, until, [
    { name: 'basicConstraints', cA: false },
    ...(altNames.length > 0 ? [{ name: 'subjectAltName' as const, altNames }] : []),
  ])
}

async function signed(
  name: string,
  ca: Pem | undefined,
  until: number,
  extensions: NonNullable<NonNullable<Parameters<Generate>[1]>['extensions']>,
): Promise<Pem> {
  // Only here: it is large, and most tests do without TLS.
  const { generate } = await import('selfsigned')
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() - 2 * DAY),
    notAfterDate: new Date(Date.now() + until),
    extensions,
    ...(ca && { ca }),
  })
  return { cert: made.cert, key: made.private }
}

type Generate = typeof import('selfsigned')['generate']

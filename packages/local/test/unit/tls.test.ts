import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Member, membersOf } from '../../src/members.ts'
import { type Properties, propertiesOf } from '../../src/services.ts'
import { authority, clientTlsFlags, type Tls } from '../../src/tls.ts'

const ports = {
  zookeeper: 1,
  metadata: 2,
  coordinator: 3,
  broker: 4,
  historical: 5,
  router: 6,
  indexer: 7,
  'router-tls': 8,
  'broker-tls': 9,
}
const facts = { dataDir: '/data', ports, extensions: [], extensionsFolder: '/ext' }

function properties(name: string, tls?: Tls): Properties {
  const member = membersOf({}).find((it) => it.name === name) as Member
  return propertiesOf(member, { ...facts, tls })
}

describe('TLS', () => {
  it('is served by the Router and the Broker, on ports of their own', () => {
    for (const name of ['router', 'broker'] as const) {
      expect(properties(name, {})).toMatchObject({
        'druid.plaintextPort': ports[name],
        'druid.enableTlsPort': true,
        'druid.tlsPort': ports[`${name}-tls`],
        'druid.server.https.keyStorePath': join('/data', 'tls', 'server.p12'),
      })
    }
    expect(properties('router')).not.toHaveProperty('druid.enableTlsPort')
    expect(properties('historical', {})).not.toHaveProperty('druid.tlsPort')
  })

  it('asks for certificates where told to, and services have one to show', () => {
    const wanted = 'druid.server.https.requireClientCertificate'
    expect(properties('router', {})).not.toHaveProperty(wanted)
    expect(properties('router', { clientAuth: true })).toMatchObject({
      [wanted]: true,
      'druid.server.https.validateHostnames': false,
      'druid.server.https.trustStorePath': join('/data', 'tls', 'trust.p12'),
    })
    expect(clientTlsFlags('/data')).toContain(
      `-Djavax.net.ssl.keyStore=${join('/data', 'tls', 'client.p12')}`,
    )
  })

  it('refuses a certificate that could not be made, before anything is', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tls-test-'))
    await mkdir(join(dataDir, 'tls'))
    const { issue } = await authority(dataDir, '/nowhere')
    for (const name of ['', '../a', 'a b', 'ca', 'server', '-rfc']) {
      await expect(issue({ name })).rejects.toThrow(`"${name}" is no name for a certificate`)
    }
    await expect(issue({ name: 'a', days: 0.5 })).rejects.toThrow('0.5 is no number of days')
    await expect(issue({ name: 'a', from: new Date('') })).rejects.toThrow('no date')
    await expect(issue({ name: 'a', hosts: ['a,dns:b'] })).rejects.toThrow('"a,dns:b" is no host')
    await rm(dataDir, { recursive: true })
  })
})

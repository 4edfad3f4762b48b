import { cluster, dockerPorts } from '@druid/cluster'
import { connect } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { identity } from '../../src/mapping/identity.ts'

const server = { role: 'broker', host: '10.0.0.5', plaintextPort: 8082, tlsPort: -1, secure: false }

describe('the addresses of a cluster', () => {
  it('are those that Druid has, by the scheme of the connection where the server serves it', () => {
    const both = { ...server, tlsPort: 8282 }
    expect(identity(server)?.href).toBe('http://10.0.0.5:8082/')
    expect(identity({ ...server, secure: true })?.href).toBe('http://10.0.0.5:8082/')
    expect(identity(both)?.href).toBe('http://10.0.0.5:8082/')
    expect(identity({ ...both, secure: true })?.href).toBe('https://10.0.0.5:8282/')
    expect(identity({ ...both, plaintextPort: -1 })?.href).toBe('https://10.0.0.5:8282/')
    expect(identity({ ...server, plaintextPort: -1 })).toBeUndefined()
    expect(identity({ ...server, host: 'fe80::1' })?.href).toBe('http://[fe80::1]:8082/')
  })

  it.each([null, '', 'a b', 'evil/x', 'evil?x', 'user@evil', 'a#b', 'fe80::1%eth0', 17])(
    'are none for the host %j, rather than another place',
    (host) => {
      expect(identity({ ...server, host: host as string })).toBeUndefined()
    },
  )

  it.each([99_999, 0, Number.NaN, null])('are none for the port %j', (plaintextPort) => {
    expect(identity({ ...server, plaintextPort: plaintextPort as number })).toBeUndefined()
  })

  it('are published ports for containers', () => {
    const map = dockerPorts({ 8082: 18082 })
    expect(map(server)?.href).toBe('http://localhost:18082/')
    expect(map({ ...server, plaintextPort: 8083 })?.href).toBe('http://localhost:8083/')
    expect(map({ ...server, plaintextPort: -1, tlsPort: 8082 })?.href).toBe(
      'https://localhost:18082/',
    )
    const both = { ...server, tlsPort: 8282, secure: true }
    expect(dockerPorts({ 8082: 18082, 8282: 18282 })(both)?.href).toBe('https://localhost:18282/')
    expect(() => dockerPorts({}, { host: 'a/b' })).toThrow('"a/b" is no host')
    expect(dockerPorts({}, { host: 'vm' })(server)?.href).toBe('http://vm:8082/')
    expect(() => dockerPorts({ 8082: 99_999 })).toThrow('99999 is no port')
  })

  it('hold no credentials, which belong to the connection', () => {
    const services = [{ role: 'bar', url: 'http://me:secret@localhost:1' }]
    const [report] = connect('http://localhost:1', {
      extensions: [cluster.with({ services })],
      onExtensionError: 'silent',
    }).extensions()
    expect(report?.status).toBe('failed')
    expect(report?.error?.message).toMatch(/holds credentials/)
    expect(JSON.stringify(report)).not.toContain('secret')
  })
})

import { cluster, dockerPorts } from '@druid/cluster'
import { connect } from '@druid/core'
import { describe, expect, it } from 'vitest'
import { identity } from '../../src/mapper.ts'

const server = { role: 'broker', host: '10.0.0.5', plaintextPort: 8082, tlsPort: -1 }

describe('the addresses of a cluster', () => {
  it('are those that Druid has, by the scheme of the connection where the server serves it', () => {
    const both = { ...server, tlsPort: 8282 }
    expect(identity('http:')(server)?.href).toBe('http://10.0.0.5:8082/')
    expect(identity('https:')(server)?.href).toBe('http://10.0.0.5:8082/')
    expect(identity('http:')(both)?.href).toBe('http://10.0.0.5:8082/')
    expect(identity('https:')(both)?.href).toBe('https://10.0.0.5:8282/')
    expect(identity('http:')({ ...both, plaintextPort: -1 })?.href).toBe('https://10.0.0.5:8282/')
    expect(identity('http:')({ ...server, plaintextPort: -1 })).toBeUndefined()
    expect(identity('http:')({ ...server, host: 'fe80::1' })?.href).toBe('http://[fe80::1]:8082/')
  })

  it('are published ports for containers', () => {
    const map = dockerPorts({ 8082: 18082 })
    expect(map(server)?.href).toBe('http://localhost:18082/')
    expect(map({ ...server, plaintextPort: 8083 })?.href).toBe('http://localhost:8083/')
    expect(map({ ...server, plaintextPort: -1, tlsPort: 8082 })?.href).toBe(
      'https://localhost:18082/',
    )
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

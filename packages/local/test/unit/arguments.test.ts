import { describe, expect, it } from 'vitest'
import { HELP, readArguments } from '../../src/arguments.ts'

describe('the command line of druid-local', () => {
  it('starts 33.0.0 without extensions unless told otherwise', () => {
    expect(readArguments(['start'])).toEqual({
      name: 'start',
      help: false,
      service: 'router',
      follow: false,
      foreground: false,
      dataDir: undefined,
      version: undefined,
      extensions: [],
      home: undefined,
      ports: {},
      properties: {},
      tls: false,
      hosts: undefined,
      services: {},
    })
  })

  it('takes extensions, ports and properties', () => {
    const command = readArguments([
      'start',
      '--extension=druid-datasketches',
      '--extension=druid-kafka-indexing-service',
      '--port-router=8888',
      '--port-metadata=1527',
      '--property=druid.a=b=c',
      '--data-dir=/data',
      '--foreground',
    ])
    expect(command.extensions).toEqual(['druid-datasketches', 'druid-kafka-indexing-service'])
    expect(command.ports).toEqual({ router: 8888, metadata: 1527 })
    expect(command.properties).toEqual({ 'druid.a': 'b=c' })
    expect(command).toMatchObject({ dataDir: '/data', foreground: true })
  })

  it('takes HTTPS, internal host names, and how many of a service', () => {
    const command = readArguments([
      'start',
      '--tls',
      '--hosts=internal',
      '--service=historical=2',
      '--service=indexer=0',
      '--port-router-tls=9088',
    ])
    expect(command).toMatchObject({ tls: true, hosts: 'internal' })
    expect(command.services).toEqual({ historical: 2, indexer: 0 })
    expect(command.ports).toEqual({ 'router-tls': 9088 })
    expect(() => readArguments(['start', '--service=historical'])).toThrow('--service is <key>=')
  })

  it('takes the service whose log to print', () => {
    expect(readArguments(['logs', 'broker', '--follow'])).toMatchObject({
      service: 'broker',
      follow: true,
    })
    expect(readArguments(['logs', 'historical-2']).service).toBe('historical-2')
    expect(() => readArguments(['logs', 'peon'])).toThrow(/no log of "peon"; there are router, /)
  })

  it('refuses what it does not know, naming it', () => {
    expect(() => readArguments(['begin'])).toThrow('there is no command "begin"')
    expect(() => readArguments(['start', 'broker'])).toThrow('"broker" is one word too many')
    expect(() => readArguments(['start', '--port-peon=1'])).toThrow('--port-peon')
    expect(() => readArguments(['start', '--port-router=x'])).toThrow('--port-router is a number')
    expect(() => readArguments(['start', '--property=x'])).toThrow('--property is <key>=<value>')
  })

  it('has help for every command', () => {
    for (const name of ['start', 'stop', 'status', 'logs']) expect(HELP).toContain(` ${name} `)
  })
})

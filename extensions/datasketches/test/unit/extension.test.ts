import { connect } from '@druid/core'
import { datasketches } from '@druid/datasketches'
import * as register from '@druid/datasketches/register'
import { describeExtension, recordRegistration } from '@druid/testing'
import { describe, expect, it } from 'vitest'
import { fixtures } from '../fixtures/sketches.ts'

const base64s = (kind: 'hll' | 'theta' | 'quantiles'): string[] =>
  fixtures(kind).map(({ base64 }: { readonly base64: string }) => base64)

describeExtension(datasketches, {
  describe,
  it,
  samples: {
    'COMPLEX<HLLSketch>': base64s('hll'),
    'COMPLEX<thetaSketch>': base64s('theta'),
    'COMPLEX<quantilesDoublesSketch>': base64s('quantiles'),
    COMPLEX: base64s('hll').map((base64) => `"${base64}"`),
  },
})

describe('the extension datasketches', () => {
  it('is its entry ./register', () => {
    expect(register.default).toBe(datasketches)
    expect(register.registerClient).toBe(datasketches.registerClient)
  })

  it('has codecs and a query hook, and no client', () => {
    const { client, codecs } = recordRegistration(datasketches)
    expect(client).toBeUndefined()
    expect(Object.keys(codecs)).toContain('COMPLEX<HLLSketch>')
    const druid = connect('http://localhost:8888', { extensions: [datasketches] })
    expect(druid.extensions()).toMatchObject([
      { name: 'datasketches', status: 'active', summary: 'DataSketches', methods: [] },
    ])
  })
})

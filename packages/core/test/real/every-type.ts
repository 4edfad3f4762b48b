/** A table with a column of every type, and what its extreme values are when they come back. */
import type { IngestTask } from '@druid/cluster'

export const TABLE = 'every_type'

/** As JSON in what is ingested, and as the policies `auto` and `string` give it. */
export type Cell = readonly [json: string, value: unknown]

const MAX = 2n ** 63n - 1n
const text = (value: string): Cell => [JSON.stringify(value), value]

/** Milliseconds as a number where one holds them. */
export interface Time {
  readonly iso: string
  readonly ms: number | bigint
}
/** Of the rows in their order: the first and last that Date has, that Druid has, and others. */
export const TIMES: readonly Time[] = [
  { iso: '1970-01-01T00:00:00.000Z', ms: 0 },
  { iso: '1969-12-31T23:59:59.999Z', ms: -1 },
  { iso: '0001-01-01T00:00:00.000Z', ms: -62135596800000 },
  { iso: '-0044-03-15T00:00:00.000Z', ms: -63549360000000 },
  { iso: '9999-12-31T23:59:59.999Z', ms: 253402300799999 },
  { iso: '10000-01-01T00:00:00.000Z', ms: 253402300800000 },
  { iso: '275760-09-13T00:00:00.000Z', ms: 8.64e15 },
  { iso: '-271821-04-20T00:00:00.000Z', ms: -8.64e15 },
  { iso: '146140482-04-24T15:36:27.902Z', ms: 4611686018427387902n },
  { iso: '-146136543-09-08T08:23:32.096Z', ms: -4611686018427387904n },
  { iso: '2000-02-29T12:34:56.789Z', ms: 951827696789 },
  { iso: '2000-02-29T12:34:56.790Z', ms: 951827696790 },
]
/** Rows; beyond its own values a column has none. */
export const ROWS = TIMES.length

/** The values of each column, row by row. */
export const CELLS = {
  long_value: [
    ['9223372036854775807', MAX],
    ['-9223372036854775808', -MAX - 1n],
    ['9007199254740991', 9007199254740991],
    ['-9007199254740991', -9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['-9007199254740992', -9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['0', 0],
    ['-1', -1],
  ],
  double_value: [
    ['1.7976931348623157E308', Number.MAX_VALUE],
    ['-1.7976931348623157E308', -Number.MAX_VALUE],
    ['4.9E-324', Number.MIN_VALUE],
    ['2.2250738585072014E-308', 2.2250738585072014e-308],
    ['-0.0', -0],
    ['"NaN"', Number.NaN],
    ['"Infinity"', Number.POSITIVE_INFINITY],
    ['"-Infinity"', Number.NEGATIVE_INFINITY],
    ['0.1', 0.1],
    ['0.30000000000000004', 0.30000000000000004],
    // What no double is becomes the nearest, in Druid as in JavaScript.
    ['9007199254740993', 9007199254740992],
  ],
  float_value: [
    ['3.4028235E38', 3.4028235e38],
    ['-3.4028235E38', -3.4028235e38],
    ['1.4E-45', 1.4e-45],
    ['-0.0', -0],
    ['"NaN"', Number.NaN],
    ['"Infinity"', Number.POSITIVE_INFINITY],
    ['"-Infinity"', Number.NEGATIVE_INFINITY],
    // The shortest decimal that is this float, not the double nearest to it.
    ['0.1', 0.1],
    ['16777217', 16777216],
  ],
  text_value: [
    text(''),
    text(' '),
    text('quote \' " and \\ back'),
    text('\u0000\u0001\b\t\n\v\f\r\u001b\u007f\u0085'),
    text('ä€😀 é é \u2028\u2029\ufeff\uffff'),
    text('null'),
    text('NaN'),
    text('["not","a list"]'),
    text('{"a":1}\n\n]\n'),
    // Druid makes a question mark of half a character.
    ['"half \\ud800"', 'half ?'],
  ],
  multi_value: [
    ['["b","a"]', '["b","a"]'],
    ['["a"]', 'a'],
    ['[]', null],
    ['["x",null,""]', '["x",null,""]'],
    ['["é\\n\\"\\\\","😀"]', '["é\\n\\"\\\\","😀"]'],
    ['["a","a"]', '["a","a"]'],
  ],
  string_array: [
    ['["b",null,"","a"]', ['b', null, '', 'a']],
    ['[]', []],
    ['["ä\\"\\\\\\n😀"]', ['ä"\\\n😀']],
    ['[null]', [null]],
  ],
  long_array: [
    ['[9223372036854775807,null,-9223372036854775808]', [MAX, null, -MAX - 1n]],
    ['[]', []],
    ['[9007199254740991,9007199254740992]', [9007199254740991, 9007199254740992n]],
  ],
  // With "NaN" in one of them the column would be one of text.
  double_array: [
    ['[1.7976931348623157E308,4.9E-324]', [Number.MAX_VALUE, Number.MIN_VALUE]],
    ['[]', []],
    ['[1.5,null,-0.0]', [1.5, null, -0]],
  ],
  json_value: [
    [
      '{"a":[1,null,"x",{"b":[]}],"c":1.5,"d":"","big":9223372036854775807,"é\\"":{"f":true}}',
      { a: [1, null, 'x', { b: [] }], c: 1.5, d: '', big: MAX, 'é"': { f: true } },
    ],
    ['[1,[2,[3]]]', [1, [2, [3]]]],
    ['"text"', 'text'],
    ['9007199254740993', 9007199254740993n],
    ['{}', {}],
    [
      '{"__proto__":1,"constructor":{"a":null}}',
      JSON.parse('{"__proto__":1,"constructor":{"a":null}}'),
    ],
    ['-0.0', -0],
    // Beyond 64 bits Druid makes a double of it.
    ['12345678901234567890123', 1.2345678901234568e22],
    ['[[]]', [[]]],
    ['false', false],
  ],
} as const satisfies Record<string, readonly Cell[]>

/** The bytes of a sketch without a value, and of one with one. */
export const SKETCHES = {
  unique_sketch: ['AQAAAAAAAA==', 'AQAAAQAAAALyAQ=='],
  theta_sketch: ['AQMDAAAeAAA=', 'AQMDAAA6zJM5cUnZgj72aA=='],
} as const

/** A text of 1 MB, in one row. */
export const LONG_TEXT = 'ä"\\\n😀]['.repeat(62_500)
export const LONG_ROW = 10

export function everyTypeTask(sketches: readonly (keyof typeof SKETCHES)[]): IngestTask {
  const lines = TIMES.map(({ iso }, id) => {
    const cells = Object.entries(CELLS as Record<string, readonly Cell[]>).flatMap(
      ([name, values]) => (values[id] ? [`"${name}":${values[id][0]}`] : []),
    )
    if (id === LONG_ROW) cells.push(`"long_text":${JSON.stringify(LONG_TEXT)}`)
    if (id === 1) cells.push('"word":"x"')
    return `{${[`"time":"${iso}"`, `"id":${id}`, ...cells].join(',')}}`
  })
  const dimension = (type: string, name: string): object => ({ type, name })
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource: TABLE,
        timestampSpec: { column: 'time', format: 'iso' },
        dimensionsSpec: {
          dimensions: [
            dimension('long', 'id'),
            dimension('long', 'long_value'),
            dimension('double', 'double_value'),
            dimension('float', 'float_value'),
            'text_value',
            { type: 'string', name: 'multi_value', multiValueHandling: 'ARRAY' },
            dimension('auto', 'string_array'),
            dimension('auto', 'long_array'),
            dimension('auto', 'double_array'),
            dimension('json', 'json_value'),
            'long_text',
          ],
        },
        metricsSpec: sketches.map((name) => ({
          type: name === 'unique_sketch' ? 'hyperUnique' : 'thetaSketch',
          name,
          fieldName: 'word',
        })),
        granularitySpec: { segmentGranularity: 'ALL', queryGranularity: 'NONE', rollup: false },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'inline', data: lines.join('\n') },
        inputFormat: { type: 'json' },
      },
      tuningConfig: { type: 'index_parallel', partitionsSpec: { type: 'dynamic' } },
    },
  }
}

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { IngestTask } from '@druid/cluster'

/** Rows that {@link flightsTask} writes. */
export const FLIGHTS = 20_000

/** Rows that {@link airportsTask} writes. */
export const AIRPORTS = 3_376

/**
 * 20,000 flights within the USA, January to March 2001, from the package vega-datasets (BSD-3),
 * sent within the task itself: `__time`, `delay` (minutes), `distance` (miles), `origin`,
 * `destination`.
 */
export async function flightsTask(dataSource: string): Promise<IngestTask> {
  const flights = JSON.parse(await file('flights-20k.json')) as object[]
  return task(dataSource, {
    timestampSpec: { column: 'date', format: 'yyyy/MM/dd HH:mm' },
    dimensions: [
      { type: 'long', name: 'delay' },
      { type: 'long', name: 'distance' },
      'origin',
      'destination',
    ],
    segmentGranularity: 'MONTH',
    inputFormat: { type: 'json' },
    data: flights.map((flight) => JSON.stringify(flight)).join('\n'),
  })
}

/** The 3,376 airports of the USA, from the same package; all at one instant, as they have no time. */
export async function airportsTask(dataSource: string): Promise<IngestTask> {
  return task(dataSource, {
    timestampSpec: { column: 'none', missingValue: '2001-01-01T00:00:00Z' },
    dimensions: [
      'iata',
      'name',
      'city',
      'state',
      'country',
      { type: 'double', name: 'latitude' },
      { type: 'double', name: 'longitude' },
    ],
    segmentGranularity: 'YEAR',
    inputFormat: { type: 'csv', findColumnsFromHeader: true },
    data: await file('airports.csv'),
  })
}

function task(
  dataSource: string,
  has: {
    readonly timestampSpec: object
    readonly dimensions: readonly unknown[]
    readonly segmentGranularity: string
    readonly inputFormat: object
    readonly data: string
  },
): IngestTask {
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        dataSource,
        timestampSpec: has.timestampSpec,
        dimensionsSpec: { dimensions: has.dimensions },
        granularitySpec: {
          segmentGranularity: has.segmentGranularity,
          queryGranularity: 'NONE',
          rollup: false,
        },
      },
      ioConfig: {
        type: 'index_parallel',
        inputSource: { type: 'inline', data: has.data },
        inputFormat: has.inputFormat,
      },
      tuningConfig: { type: 'index_parallel', partitionsSpec: { type: 'dynamic' } },
    },
  }
}

/** The package's `exports` hide its data folder, so the package itself is located. */
function file(name: string): Promise<string> {
  const entry = createRequire(import.meta.url).resolve('vega-datasets')
  return readFile(join(dirname(dirname(entry)), 'data', name), 'utf8')
}

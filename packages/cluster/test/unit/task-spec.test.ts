import {
  archiveTask,
  batchTask,
  compactTask,
  killTask,
  moveTask,
  noopTask,
  restoreTask,
} from '@druid/cluster'
import { describe, expect, it } from 'vitest'

describe('69 Typed ingest-spec builder', () => {
  it('gives the plain object that Druid takes, with nothing in it that was not said', () => {
    const input = { type: 'inline', data: '{}' } as const
    expect(batchTask({ dataSource: 'a', input, format: { type: 'json' } })).toEqual({
      type: 'index_parallel',
      spec: {
        dataSchema: { dataSource: 'a', timestampSpec: {}, dimensionsSpec: {}, granularitySpec: {} },
        ioConfig: { type: 'index_parallel', inputSource: input, inputFormat: { type: 'json' } },
      },
    })
    const filter = { type: 'selector', dimension: 'x', value: 'y' } as const
    const projections = [{ type: 'aggregate', name: 'p' }] as const
    expect(
      batchTask({
        id: 'mine',
        dataSource: 'a',
        input: { type: 'druid', dataSource: 'b', interval: '2024/2025' },
        timestamp: '__time',
        dimensions: ['x'],
        metrics: [],
        filter,
        projections,
        append: true,
        tuning: { maxRetry: 1 },
        context: { priority: 1 },
      }),
    ).toEqual({
      type: 'index_parallel',
      id: 'mine',
      spec: {
        dataSchema: {
          dataSource: 'a',
          timestampSpec: { column: '__time' },
          dimensionsSpec: { dimensions: ['x'] },
          metricsSpec: [],
          granularitySpec: {},
          transformSpec: { filter },
          projections,
        },
        ioConfig: {
          type: 'index_parallel',
          inputSource: { type: 'druid', dataSource: 'b', interval: '2024/2025' },
          appendToExisting: true,
        },
        tuningConfig: { type: 'index_parallel', maxRetry: 1 },
      },
      context: { priority: 1 },
    })
  })

  it('of a compaction, by interval or by segments, and of the small ones', () => {
    expect(
      compactTask({
        dataSource: 'a',
        interval: '2024/2025',
        granularity: { segmentGranularity: 'MONTH' },
        dropExisting: true,
        engine: 'msq',
      }),
    ).toEqual({
      type: 'compact',
      dataSource: 'a',
      ioConfig: {
        type: 'compact',
        inputSpec: { type: 'interval', interval: '2024/2025' },
        dropExisting: true,
      },
      granularitySpec: { segmentGranularity: 'MONTH' },
      compactionRunner: { type: 'msq' },
    })
    expect(compactTask({ dataSource: 'a', segments: ['s'] })).toMatchObject({
      ioConfig: { inputSpec: { type: 'segments', segments: ['s'] } },
    })
    const chunk = { dataSource: 'a', interval: '2024/2025' }
    expect(killTask({ ...chunk, limit: 5, id: undefined })).toEqual({
      type: 'kill',
      ...chunk,
      limit: 5,
    })
    expect(archiveTask(chunk)).toEqual({ type: 'archive', ...chunk })
    expect(restoreTask(chunk)).toEqual({ type: 'restore', ...chunk })
    expect(moveTask({ ...chunk, target: { bucket: 'b' } })).toEqual({
      type: 'move',
      ...chunk,
      target: { bucket: 'b' },
    })
    expect(noopTask()).toEqual({ type: 'noop' })
  })

  it('refuses what nobody knows, and what Druid surely refuses', () => {
    const input = { type: 'inline', data: 'x' } as const
    const config = { code: 'CONFIG' }
    expect(() => batchTask({ dataSource: 'a', input, metric: [] } as never)).toThrow(
      expect.objectContaining({ ...config, message: expect.stringContaining('"metrics"') }),
    )
    expect(() => killTask({ dataSource: 'a', intervals: 'x' } as never)).toThrow(
      expect.objectContaining(config),
    )
    const invalid = expect.objectContaining({ code: 'INVALID_INPUT' })
    expect(() => batchTask({ dataSource: '', input, format: { type: 'json' } })).toThrow(invalid)
    expect(() => batchTask({ dataSource: 'a', input: {} as never })).toThrow(invalid)
    expect(() => batchTask({ dataSource: 'a', input })).toThrow(invalid)
    const druids = { type: 'druid', dataSource: 'b', interval: '2024/2025' } as const
    expect(() => batchTask({ dataSource: 'a', input: druids, format: { type: 'json' } })).toThrow(
      invalid,
    )
    expect(() => compactTask({ dataSource: 'a' })).toThrow(invalid)
    expect(() => compactTask({ dataSource: 'a', interval: 'a/b', segments: [] })).toThrow(invalid)
  })
})

import { cluster } from '@druid/cluster'
import { connect } from '@druid/core'
import { type FakeDruid, fakeDruid, reply } from '@druid/testing'
import { describe, expect, it } from 'vitest'

const TASK = '/druid/indexer/v1/task/{id}'
const LOG = `GET ${TASK}/log`
const STATUS = `GET ${TASK}/status`
const missing = reply({ status: 404, body: 'No log was found for this task.' })

/** A task whose log is so long at each time that it is asked for, and which ends after the last. */
function logging(
  log: Uint8Array,
  lengths: readonly (number | 'none' | 503)[],
  { wholeAtEnd = false } = {},
): FakeDruid {
  let asked = 0
  return fakeDruid({
    routes: {
      [STATUS]: () => ({
        status: { id: 'x', statusCode: asked < lengths.length - 1 ? 'RUNNING' : 'SUCCESS' },
      }),
      [LOG]: ({ query }) => {
        const length = lengths[Math.min(asked, lengths.length - 1)] ?? 'none'
        asked += 1
        if (length === 'none') return missing
        if (length === 503) return reply({ status: 503 })
        const offset = Number(query.get('offset') ?? 0)
        // Storages of clouds: an offset that is not within the log is none.
        const from = wholeAtEnd && offset >= length ? 0 : offset
        return reply({ body: log.slice(from, length) })
      },
    },
  })
}

const taskOf = (druid: FakeDruid) =>
  connect(druid.url, { transport: druid.transport, extensions: [cluster] })
    .cluster()
    .task('x')

async function followed(druid: FakeDruid, offset?: number): Promise<string[]> {
  const pieces: string[] = []
  for await (const piece of taskOf(druid).followLog({ offset })) pieces.push(piece)
  return pieces
}

const TEXT = 'one\nzwei é\n三 🎉\nfour\n'
const BYTES = new TextEncoder().encode(TEXT)

describe('67 Task log: following', () => {
  it('gives each line once, however the log grows: also within a character', async () => {
    const lengths = BYTES.length
    // Every place to cut it at, one byte after the other.
    for (let cut = 0; cut <= lengths; cut += 5) {
      const druid = logging(BYTES, [cut, Math.min(cut + 1, lengths), lengths])
      const pieces = await followed(druid)
      expect(pieces.join('')).toBe(TEXT)
      expect(pieces.join('')).not.toContain('\ufffd')
    }
  }, 60_000)

  it('never takes it twice from a storage that gives the whole log for an offset at its end', async () => {
    const druid = logging(BYTES, [8, 8, BYTES.length, BYTES.length], { wholeAtEnd: true })
    expect((await followed(druid)).join('')).toBe(TEXT)
    expect(druid.requests.filter(({ path }) => path.endsWith('/log')).length).toBeGreaterThan(3)
  })

  it('waits for a log that is not there yet, or for a moment, and for the Overlord', async () => {
    const druid = logging(BYTES, ['none', 5, 'none', 503, BYTES.length])
    expect((await followed(druid)).join('')).toBe(TEXT)
  })

  it('begins where it is told to', async () => {
    expect((await followed(logging(BYTES, [BYTES.length]), 4)).join('')).toBe(TEXT.slice(4))
    const wrong = { code: 'CONFIG', option: 'offset' }
    await expect(followed(logging(BYTES, [4]), -1)).rejects.toMatchObject(wrong)
  })

  it('says so where the task has ended and left none', async () => {
    await expect(followed(logging(BYTES, ['none']))).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: expect.stringContaining('Indexers keep none'),
    })
  }, 20_000)

  it('shows bytes that are no UTF-8 as such, and goes on', async () => {
    const log = Uint8Array.of(0x61, 0xff, 0x62, 0xe4, 0xb8)
    expect((await followed(logging(log, [2, 5]))).join('')).toBe('a\ufffdb\ufffd')
    expect(await taskOf(logging(log, [5])).log()).toBe('a\ufffdb\ufffd')
  })

  it('ends with its signal, and when the loop is left', async () => {
    const running = logging(BYTES, [5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5])
    const signal = AbortSignal.timeout(100)
    const following = async (): Promise<void> => {
      for await (const _ of taskOf(running).followLog({ signal }));
    }
    await expect(following()).rejects.toMatchObject({ code: 'TIMEOUT' })
    for await (const piece of taskOf(running).followLog()) {
      expect(piece).toBe(TEXT.slice(0, 5))
      break
    }
  })

  it('asks for text, and for the last bytes by a negative offset', async () => {
    const druid = logging(BYTES, [BYTES.length])
    await taskOf(druid).log({ offset: -100 })
    expect(druid.requests.at(-1)).toMatchObject({ headers: { accept: 'text/plain, */*' } })
    expect(druid.requests.at(-1)?.query.get('offset')).toBe('-100')
  })
})

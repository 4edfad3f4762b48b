/** The result that is decoded: eight columns as an event table has them. The same on every run. */

/** Name, native type, SQL type. */
export const COLUMNS = [
  ['__time', 'LONG', 'TIMESTAMP'],
  ['channel', 'STRING', 'VARCHAR'],
  ['country', 'STRING', 'VARCHAR'],
  ['page', 'STRING', 'VARCHAR'],
  ['added', 'LONG', 'BIGINT'],
  ['bytes', 'LONG', 'BIGINT'],
  ['ratio', 'DOUBLE', 'DOUBLE'],
  ['price', 'DOUBLE', 'DOUBLE'],
] as const

/** Each value as JSON text, in the order of the columns. */
export function* rows(count: number): Generator<string[]> {
  const next = random(42)
  const upTo = (limit: number): number => Math.floor(next() * limit)
  let time = Date.UTC(2024, 0, 1)
  for (let i = 0; i < count; i += 1) {
    time += upTo(3_000)
    yield [
      `"${new Date(time).toISOString()}"`,
      `"#channel-${upTo(50)}"`,
      next() < 0.3 ? 'null' : `"Country ${upTo(120)}"`,
      page(next(), upTo(200_000)),
      String(upTo(1_000)),
      String(upTo(1e11)),
      String(next()),
      (next() * 100).toFixed(2),
    ]
  }
}

/** Two of a hundred are not ASCII, one has quotes in it. */
function page(kind: number, number: number): string {
  if (kind < 0.02) return `"Страница € ${number}"`
  return kind < 0.03 ? `"A \\"quoted\\" page ${number}"` : `"A page of some title ${number}"`
}

/** What a reader must come to: proof that it read all, and rightly. */
export interface Sums {
  readonly rows: number
  readonly added: number
  readonly bytes: number
}

/** Mulberry32. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

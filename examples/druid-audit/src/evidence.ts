import type { Formatter } from '@druid/core/extension'

/**
 * A result to be kept as evidence, in JSON lines: a line that says who asked when, a line for each
 * row, and a last one with their number, without which the file is not whole.
 */
export function evidence(application: string | null): Formatter<{ readonly reason?: string }> {
  return {
    mediaType: 'application/x-ndjson',
    async *format(input, { reason = null }: { readonly reason?: string | null } = {}) {
      const columns = (await input.columns).map(({ name }) => name)
      yield line({ application, reason, at: new Date().toISOString(), columns })
      let rows = 0
      for await (const batch of input) {
        rows += batch.length
        yield batch.map(line).join('')
      }
      yield line({ rows })
    },
  }
}

function line(value: unknown): string {
  const text = JSON.stringify(value, (_key, item) => (typeof item === 'bigint' ? `${item}` : item))
  return `${text}\n`
}

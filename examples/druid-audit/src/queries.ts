import { DruidError, type HookCall, isDruidError, type QueryHooks } from '@druid/core/extension'
import type { AuditLog, OpenEntry } from './log.ts'
import { masker } from './mask.ts'
import type { AuditOptions } from './options.ts'
import { denied, signed } from './statement.ts'

/** What the audit does with each query. */
export function queryHooks(options: AuditOptions, log: AuditLog): QueryHooks {
  const { application, advice = {} } = options
  const deny = [...(options.deny ?? [])]
  const masks = { ...options.mask }
  const hides = Object.keys(masks).length > 0
  const mask = masker(masks)

  /** Its entry in the log, and whether it may be sent. */
  function begin(statement: string, call: HookCall): void {
    call.state.entry = log.open(call.queryId, statement)
    const found = denied(statement, deny)
    if (found !== undefined) throw refusal(call, `${found} is on the deny list`)
    if (hides && call.items !== 'rows') {
      throw refusal(call, `columns are masked, and what it reads is ${call.items}: ask for rows`)
    }
  }

  return {
    sqlRequest(request, call) {
      begin(request.query, call)
      return application ? { ...request, query: signed(request.query, application) } : undefined
    },

    nativeRequest(query, call) {
      begin(JSON.stringify(query), call)
      return undefined
    },

    rows(batches, call) {
      const entry = call.state.entry as OpenEntry
      return (async function* () {
        try {
          for await (const batch of batches) {
            entry.rows += batch.length
            yield mask(batch)
          }
          log.end(entry, 'whole')
        } finally {
          log.end(entry, 'left')
        }
      })()
    },

    error(error, call) {
      if (!isDruidError(error)) return undefined
      // A query that was aborted before it began has none.
      const entry = call.state.entry as OpenEntry | undefined
      if (entry) log.end(entry, call.state.refused ? 'refused' : 'failed', error.code)
      const text = advice[error.code]
      return text === undefined ? undefined : advised(error, text)
    },
  }
}

function refusal(call: HookCall, why: string): DruidError {
  call.state.refused = true
  const message = `query ${call.queryId} was not sent, by the rules of the audit: ${why}`
  return new DruidError('INVALID_INPUT', message, { queryId: call.queryId })
}

/** The same error with one more sentence: code and details stay, and what Druid said is the cause. */
function advised(error: DruidError, text: string): DruidError {
  return new DruidError(error.code, `${error.message}\n${text}`, { ...error, cause: error })
}

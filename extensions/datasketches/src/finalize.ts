import type { QueryHooks } from '@druid/core/extension'

/** The SQL functions whose result Druid finalises where the context says so. */
const MAKES_SKETCHES = /\bDS_(HLL|THETA|QUANTILES_SKETCH)\b/i

const FINALIZE = 'sqlFinalizeOuterSketches'

/**
 * Asks for sketches as sketches: where the server's default query context says
 * `sqlFinalizeOuterSketches: true`, `DS_HLL(…)` would be a number without bounds. Only for a
 * statement that makes one, as servers can restrict who sets query context, and not where the caller
 * has said it.
 */
export const keepSketches: QueryHooks = {
  sqlRequest(request) {
    if (!MAKES_SKETCHES.test(request.query) || Object.hasOwn(request.context, FINALIZE)) {
      return undefined
    }
    return { ...request, context: { ...request.context, [FINALIZE]: false } }
  },
}

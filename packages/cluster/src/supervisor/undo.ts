import { isDruidError, isRecord, messageOf, type RequestOptions } from '@druid/core/extension'
import type { SupervisorEntry, SupervisorSpec } from '../roles/overlord/supervisor.ts'
import type { OverlordSupervisors } from '../roles/overlord/supervisors.ts'
import { poll } from '../task/poll.ts'

/** So long it may take to put things back, in milliseconds, whatever became of the caller's signal. */
const LIMIT = 60_000

/** The id that a supervisor of this spec has: one of these, as versions of Druid differ. */
export function idsOf(spec: SupervisorSpec): readonly string[] {
  const inner = isRecord(spec.spec) ? spec.spec : {}
  const schema = isRecord(inner.dataSchema) ? inner.dataSchema : {}
  const compacted = inner.dataSource === undefined ? undefined : `autocompact__${inner.dataSource}`
  const ids = [spec.id, spec.type === 'autocompact' ? compacted : schema.dataSource]
  return ids.filter((it) => typeof it === 'string')
}

export async function specsOf(
  supervisors: OverlordSupervisors,
  ids: readonly string[],
  request: RequestOptions,
): Promise<readonly SupervisorEntry[]> {
  return (await supervisors.all(request)).filter(({ id }) => ids.includes(id))
}

export interface Undo {
  /** Of the supervisors that the spec may have replaced. */
  readonly ids: readonly string[]
  /** How it was before the spec was submitted. */
  readonly before: readonly SupervisorEntry[]
  /** How it was after that, where it is known: what is otherwise now, somebody else has changed. */
  readonly after?: readonly SupervisorEntry[] | undefined
  readonly headers: RequestOptions['headers']
}

/** Makes supervisors what they were before, and says what it did: nothing where nothing had changed. Never throws. */
export async function undo(supervisors: OverlordSupervisors, undoing: Undo): Promise<string[]> {
  const request = { headers: undoing.headers, signal: AbortSignal.timeout(LIMIT) }
  const ask = (): Promise<string[]> => putBack(supervisors, undoing, request)
  try {
    return await poll('putting supervisors back', ask, request.signal)
  } catch (error) {
    const ids = undoing.before.map(({ id }) => id).join(', ')
    return [`what was there before${ids && ` (${ids})`} could not be put back: ${messageOf(error)}`]
  }
}

async function putBack(
  supervisors: OverlordSupervisors,
  { ids, before, after }: Undo,
  request: RequestOptions,
): Promise<string[]> {
  const now = await specsOf(supervisors, ids, request)
  const done: string[] = []
  const isOthers = (id: string): boolean =>
    after !== undefined && !isSame(find(now, id), find(after, id))
  for (const old of before) {
    if (isSame(find(now, old.id), old)) continue
    if (isOthers(old.id)) {
      done.push(`${old.id} was changed by somebody else meanwhile, and is left so`)
      continue
    }
    await supervisors.submit(old.spec, request)
    done.push(`the spec of ${old.id} that was there before is back`)
  }
  for (const { id } of now) {
    if (find(before, id) !== undefined || isOthers(id)) continue
    await supervisors.terminate(id, request)
    done.push(`${id}, which was not there before, is terminated`)
  }
  return done
}

function find(entries: readonly SupervisorEntry[], id: string): SupervisorEntry | undefined {
  return entries.find((it) => it.id === id)
}

function isSame(a: SupervisorEntry | undefined, b: SupervisorEntry | undefined): boolean {
  return textOf(a?.spec) === textOf(b?.spec)
}

/** Druid writes what is the same in the same order. */
function textOf(spec: SupervisorSpec | undefined): string | undefined {
  return JSON.stringify(spec, (_key, it: unknown) => (typeof it === 'bigint' ? `${it}n` : it))
}

/** Nothing was touched: it did not come to that. */
export function isRefusal(error: unknown): boolean {
  if (isDruidError(error, 'CONNECT')) return error.reason === 'refused' || error.reason === 'dns'
  const refusals = ['CONFIG', 'FORBIDDEN', 'UNAUTHENTICATED', 'UNSUPPORTED', 'NO_SERVICE', 'TLS']
  return isDruidError(error) && refusals.includes(error.code)
}

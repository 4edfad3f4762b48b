import {
  DruidError,
  isDruidError,
  messageOf,
  type RequestOptions,
  sleep,
} from '@druid/core/extension'
import type { ChangeOptions, HistoryOptions } from '../roles/audit.ts'
import { undone } from '../undone.ts'
import { changesOf, lostOf, type SettingChange } from './diff.ts'

/** A setting as it was at a time. */
export interface SettingVersion<Value> {
  readonly value: Value
  /** ISO 8601: since when. */
  readonly time: string
  readonly author: string
  readonly comment: string
  /** Of who made the change. */
  readonly ip: string
  readonly identity: string | undefined
}

/** What was written. */
export interface Written<Value> {
  /** What is in force now, read back from Druid. */
  readonly value: Value
  /** What was in force. */
  readonly before: Value
  /** From `before` to `value`; none: nothing was sent. */
  readonly changes: readonly SettingChange[]
  /** Writes `before` again. */
  undo(options?: ChangeOptions): Promise<Written<Value>>
}

/**
 * Something of a cluster that is set. Whoever else writes it at the same time is not noticed: Druid has
 * no lock for it.
 */
export interface Setting<Value, Next = Value> {
  /** What is in force. */
  read(options?: RequestOptions): Promise<Value>
  /**
   * What writing this would change; nothing is written.
   * @throws DruidError `INVALID_INPUT` as {@link write}.
   */
  diff(next: Next, options?: RequestOptions): Promise<readonly SettingChange[]>
  /**
   * Writes it, with author and comment for Druid's audit history, and reads back what is in force then.
   * What it does not change is not sent. Where writing fails or is aborted half-way, and where Druid
   * takes it but has something else in force, what was there before is put back.
   * @throws DruidError `INVALID_INPUT` for fields that the server's version does not have, for values that
   * Druid refuses, and for what it takes but does not keep; `UNSUPPORTED` where the version cannot set it.
   */
  write(next: Next, options?: ChangeOptions): Promise<Written<Value>>
  /** What was written, the newest first. Empty also where Druid keeps its audit in a log. */
  history(options?: HistoryOptions): Promise<SettingVersion<Value>[]>
  /** Writes what was in force once: an entry of {@link history}. */
  restore(
    version: Pick<SettingVersion<Value>, 'value'>,
    options?: ChangeOptions,
  ): Promise<Written<Value>>
}

/** One that may also not be set. */
export interface ResettableSetting<Value, Next = Value> extends Setting<Value, Next> {
  /** Takes it away. */
  clear(options?: ChangeOptions): Promise<Written<Value>>
}

/** How one setting is read and written. */
export interface SettingSource<Value, Next = Value> {
  /** For messages. */
  readonly what: string
  read(options: RequestOptions): Promise<Value>
  /** What is in force when this is written: with what stays as it is. */
  merged(next: Next, now: Value): Value
  /** @throws DruidError for what cannot be written, before anything is. */
  check(next: Next, now: Value, options: RequestOptions): Promise<void> | void
  /** Writes it, where fields that are not sent stay at least those that `changes` are of. */
  send(value: Value, options: ChangeOptions, changes: readonly SettingChange[]): Promise<void>
  history(options: HistoryOptions): Promise<SettingVersion<Value>[]>
  /** What says that it is not set, where that is possible. */
  readonly cleared?: Value
}

/** So long Druid may take until what it took is in force, in milliseconds. */
const TAKES_LIMIT = 3_000

/** So long what was before may take to be put back, in milliseconds. */
const PUT_BACK_LIMIT = 30_000

/** So long a write that broke off may still take to be done, in milliseconds. */
const LATE_LIMIT = 1_000
const BROKEN_OFF = ['CONNECT', 'TIMEOUT', 'CANCELLED', 'DECODE'] as const

export class OneSetting<Value, Next = Value> implements ResettableSetting<Value, Next> {
  readonly #source: SettingSource<Value, Next>

  constructor(source: SettingSource<Value, Next>) {
    this.#source = source
  }

  read(options: RequestOptions = {}): Promise<Value> {
    return this.#source.read(options)
  }

  async diff(next: Next, options: RequestOptions = {}): Promise<readonly SettingChange[]> {
    const now = await this.#source.read(options)
    await this.#source.check(next, now, options)
    return changesOf(now, this.#source.merged(next, now))
  }

  async write(next: Next, options: ChangeOptions = {}): Promise<Written<Value>> {
    const source = this.#source
    const request = requestOf(options)
    const before = await source.read(request)
    await source.check(next, before, request)
    return this.#replace(before, source.merged(next, before), options)
  }

  async clear(options: ChangeOptions = {}): Promise<Written<Value>> {
    const before = await this.#source.read(requestOf(options))
    return this.#replace(before, this.#source.cleared as Value, options)
  }

  history(options: HistoryOptions = {}): Promise<SettingVersion<Value>[]> {
    return this.#source.history(options)
  }

  async restore(
    { value }: Pick<SettingVersion<Value>, 'value'>,
    options: ChangeOptions = {},
  ): Promise<Written<Value>> {
    const before = await this.#source.read(requestOf(options))
    return this.#replace(before, value, options)
  }

  async #replace(before: Value, value: Value, options: ChangeOptions): Promise<Written<Value>> {
    const undo = (more: ChangeOptions = {}): Promise<Written<Value>> =>
      this.restore({ value: before }, more)
    const wanted = changesOf(before, value)
    if (wanted.length === 0) return { value: before, before, changes: [], undo }
    try {
      await this.#source.send(value, options, wanted)
      const inForce = await this.#readBack(value, requestOf(options))
      return { value: inForce, before, changes: changesOf(before, inForce), undo }
    } catch (error) {
      throw undone(error, await this.#putBack(before, options, error))
    }
  }

  async #readBack(value: Value, options: RequestOptions): Promise<Value> {
    const start = performance.now()
    while (true) {
      const inForce = await this.#source.read(options)
      const lost = isDefined(value) ? lostOf(value, inForce) : changesOf(inForce, value)
      const [first] = lost
      if (first === undefined) return inForce
      if (performance.now() - start > TAKES_LIMIT) {
        throw new DruidError(
          'INVALID_INPUT',
          `${this.#source.what}: Druid took it, but has something else in force: ${where(first)} is ${shown(first.from)}, not ${shown(first.to)}`,
        )
      }
      await sleep(200, options.signal, this.#source.what)
    }
  }

  /** What has changed by a write that failed. Of one that broke off, the server may be doing it yet. */
  async #changedBack(
    before: Value,
    failure: unknown,
    options: RequestOptions,
  ): Promise<SettingChange[]> {
    const ask = async (): Promise<SettingChange[]> =>
      changesOf(await this.#source.read(options), before)
    const changes = await ask()
    const isBrokenOff = BROKEN_OFF.some((code) => isDruidError(failure, code))
    if (changes.length > 0 || !isBrokenOff) return changes
    await sleep(LATE_LIMIT, options.signal, this.#source.what)
    return ask()
  }

  /**
   * Also where the caller's signal is aborted. Says what it did: nothing where nothing has changed. Never
   * throws.
   */
  async #putBack(before: Value, options: ChangeOptions, failure: unknown): Promise<string[]> {
    const { author, headers } = options
    const request = { headers, signal: AbortSignal.timeout(PUT_BACK_LIMIT) }
    try {
      const changes = await this.#changedBack(before, failure, request)
      if (changes.length === 0) return []
      const comment = 'Put back: what was written failed, or did not come into force'
      await this.#source.send(before, { ...request, author, comment }, changes)
      await this.#readBack(before, request)
      return ['what was before is back']
    } catch (error) {
      return [
        `what was before could not be put back, look at what is in force: ${messageOf(error)}`,
      ]
    }
  }
}

function requestOf({ author, comment, ...request }: ChangeOptions): RequestOptions {
  return request
}

function isDefined(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0)
}

function where({ path }: SettingChange): string {
  return path.length === 0 ? 'it' : path.join('.')
}

/** Not the whole of what may be long. */
function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100)
}

import { pathSegment, type RequestOptions, type ServiceHost } from '@druid/core/extension'
import { type AuditEntry, type ChangeOptions, changing, type HistoryOptions } from '../audit.ts'
import { queryOf } from '../path.ts'
import type { RetentionRule } from './rule.ts'

/** The name under which the rules of all data sources are. */
export const DEFAULT_RULES = '_default'

export interface RulesOptions extends RequestOptions {
  /** Whether the default rules, which come after its own, are in the list. Default false. */
  readonly full?: boolean | undefined
}

/** Retention rules: which segments are loaded, where, and how often. `/druid/coordinator/v1/rules…`. */
export interface CoordinatorRules {
  /** Data source → rules, of those that have rules of their own, and `_default` (`GET /rules`). */
  all(options?: RequestOptions): Promise<Readonly<Record<string, readonly RetentionRule[]>>>
  /** None for a data source without rules of its own (`GET /rules/{dataSource}`). */
  get(dataSource: string, options?: RulesOptions): Promise<RetentionRule[]>
  /**
   * Sets all rules of a data source, or of `_default`; none: the default rules are enough
   * (`POST /rules/{dataSource}`). Fields that Druid does not know it drops without a word.
   * @throws DruidError `INVALID_INPUT` for a rule that Druid refuses.
   */
  set(dataSource: string, rules: readonly RetentionRule[], options?: ChangeOptions): Promise<void>
  /** Changes to all rules, in no order (`GET /rules/history`). */
  history(options?: HistoryOptions): Promise<AuditEntry[]>
  /** Changes to the rules of a data source (`GET /rules/{dataSource}/history`). */
  dataSourceHistory(dataSource: string, options?: HistoryOptions): Promise<AuditEntry[]>
}

const PREFIX = '/druid/coordinator/v1/rules'

export class RulesService implements CoordinatorRules {
  readonly #service: ServiceHost

  constructor(service: ServiceHost) {
    this.#service = service
  }

  all(options?: RequestOptions): Promise<Readonly<Record<string, readonly RetentionRule[]>>> {
    return this.#service.request('GET', PREFIX, undefined, options)
  }

  async get(dataSource: string, { full, ...options }: RulesOptions = {}): Promise<RetentionRule[]> {
    return this.#service.request(
      'GET',
      `${pathOf(dataSource)}${queryOf({ full })}`,
      undefined,
      options,
    )
  }

  async set(
    dataSource: string,
    rules: readonly RetentionRule[],
    options?: ChangeOptions,
  ): Promise<void> {
    const request = { ...changing(options), idempotent: true }
    await this.#service.request('POST', pathOf(dataSource), rules, request)
  }

  history({ interval, count, ...options }: HistoryOptions = {}): Promise<AuditEntry[]> {
    const path = `${PREFIX}/history${queryOf({ interval, count })}`
    return this.#service.request('GET', path, undefined, options)
  }

  async dataSourceHistory(
    dataSource: string,
    { interval, count, ...options }: HistoryOptions = {},
  ): Promise<AuditEntry[]> {
    const path = `${pathOf(dataSource)}/history${queryOf({ interval, count })}`
    return this.#service.request('GET', path, undefined, options)
  }
}

function pathOf(dataSource: string): string {
  return `${PREFIX}/${pathSegment(dataSource)}`
}

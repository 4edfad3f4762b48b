import { DruidError, isRecord } from '@druid/core/extension'
import type { Coordinator } from '../roles/coordinator/coordinator.ts'
import type { RetentionRule } from '../roles/coordinator/rule.ts'
import { DEFAULT_RULES } from '../roles/coordinator/rules.ts'
import { versionsOf } from './audited.ts'
import { checkFields, type Fields } from './fields.ts'
import type { SettingSource } from './setting.ts'

const LOAD: Fields = { tieredReplicants: undefined, useDefaultTierForNull: undefined }
const BY_PERIOD: Fields = { period: undefined, includeFuture: undefined }
const BY_INTERVAL: Fields = { interval: undefined }

const RULES: Readonly<Record<RetentionRule['type'], Fields>> = {
  loadForever: LOAD,
  loadByPeriod: { ...BY_PERIOD, ...LOAD },
  loadByInterval: { ...BY_INTERVAL, ...LOAD },
  dropForever: {},
  dropByPeriod: BY_PERIOD,
  dropByInterval: BY_INTERVAL,
  dropBeforeByPeriod: { period: undefined },
  broadcastForever: {},
  broadcastByPeriod: BY_PERIOD,
  broadcastByInterval: BY_INTERVAL,
}

/** Retention rules of a data source, or of `_default`. */
export function rulesSetting(
  coordinator: Coordinator,
  dataSource: string,
): SettingSource<readonly RetentionRule[]> {
  const { rules } = coordinator
  const isDefault = dataSource === DEFAULT_RULES
  const what = isDefault ? 'the default retention rules' : `retention rules of ${dataSource}`
  return {
    what,
    cleared: [],
    read: (options) => rules.get(dataSource, options),
    merged: (next) => next,
    async check(next, _, options) {
      if (!Array.isArray(next)) throw wrong(what, 'they are a list')
      if (isDefault && next.length === 0) throw wrong(what, 'there must be one at least')
      for (const [i, rule] of next.entries()) {
        const where = `${what}, rule ${i + 1}`
        const type: unknown = isRecord(rule) ? rule.type : undefined
        if (typeof type !== 'string') throw wrong(where, 'a rule has a type, e.g. loadForever')
        const fields = (RULES as Readonly<Record<string, Fields>>)[type]
        // Of a type that this library does not know Druid says what it thinks.
        if (fields === undefined) continue
        for (const name of ['period', 'interval']) {
          // Druid takes a rule without, and fails on it each time that it runs.
          if (name in fields && typeof rule[name] !== 'string') {
            throw wrong(
              where,
              `a rule of type ${type} has a${name === 'period' ? '' : 'n'} ${name}`,
            )
          }
        }
        await checkFields(where, rule, {
          fields: { type: undefined, ...fields },
          service: coordinator,
          options,
        })
      }
    },
    send: (value, options) => rules.set(dataSource, value, options),
    history: async (options) => versionsOf(await rules.dataSourceHistory(dataSource, options)),
  }
}

function wrong(where: string, why: string): DruidError {
  return new DruidError('INVALID_INPUT', `${where}: ${why}`)
}

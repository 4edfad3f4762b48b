import { DruidError } from '@druid/core/extension'
import { newerOr } from '../by-version.ts'
import type { ClusterCompactionConfig } from '../roles/compaction.ts'
import type { BrokerConfig, CoordinatorConfig } from '../roles/coordinator/config.ts'
import type { RetentionRule } from '../roles/coordinator/rule.ts'
import { DEFAULT_RULES } from '../roles/coordinator/rules.ts'
import type { WorkerConfig } from '../roles/overlord/worker.ts'
import type { Services } from '../services.ts'
import { versionsOf } from './audited.ts'
import type { SettingChange } from './diff.ts'
import { checkFields } from './fields.ts'
import { rulesSetting } from './rules.ts'
import { OneSetting, type Setting, type SettingSource } from './setting.ts'

/** Settings of the whole cluster. Those of one data source are its own: `cluster().dataSource(name)`. */
export interface ClusterSettings {
  /** Dynamic configuration of the Coordinator. Fields that `write` is not given stay. */
  readonly coordinator: Setting<CoordinatorConfig>
  /** Dynamic configuration of the Brokers. Fields that `write` is not given stay. Druid 37 and later. */
  readonly broker: Setting<BrokerConfig>
  /** How workers are chosen and scaled. `write` sets the whole of it. */
  readonly workers: Setting<WorkerConfig>
  /** Retention rules for all data sources, after their own. `write` sets all of them. */
  readonly defaultRules: Setting<readonly RetentionRule[]>
  /**
   * Auto-compaction of the whole cluster. Fields that `write` is not given stay. Before Druid 33 only
   * `compactionTaskSlotRatio` and `maxCompactionTaskSlots` can be written. Druid keeps no history of it
   * of its own: it is in that of each data source.
   */
  readonly compaction: Omit<Setting<ClusterCompactionConfig>, 'history'>
}

export function clusterSettings(services: Services): ClusterSettings {
  return {
    coordinator: new OneSetting(coordinatorSetting(services)),
    broker: new OneSetting(brokerSetting(services)),
    workers: new OneSetting(workersSetting(services)),
    defaultRules: new OneSetting(rulesSetting(services.coordinator, DEFAULT_RULES)),
    compaction: new OneSetting(clusterCompactionSetting(services)),
  }
}

/** What is given, over what there is. */
function merged<Config extends object>(next: Config, now: Config): Config {
  const given = Object.entries(next).filter(([, value]) => value !== undefined)
  return { ...now, ...Object.fromEntries(given) }
}

/** For Druid `null` is to leave a field as it is: these can be emptied. */
const EMPTY = { debugDimensions: {}, cloneServers: {} }
const EMPTY_OF_BROKERS = { queryBlocklist: [], queryContext: {}, perSegmentTimeoutConfig: {} }

/** The fields that change. */
function changed<Config extends object>(
  config: Config,
  changes: readonly SettingChange[],
  empty: Readonly<Record<string, unknown>> = {},
): Config {
  const names = new Set(changes.map(({ path }) => path[0]))
  const entries = Object.entries(config).filter(([name]) => names.has(name))
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? empty[name]])) as Config
}

function coordinatorSetting({ coordinator }: Services): SettingSource<CoordinatorConfig> {
  const what = 'the dynamic configuration of the Coordinator'
  const { config } = coordinator
  // The others are in what it answers.
  const fields = { debugDimensions: undefined, turboLoadingNodes: '>=32', cloneServers: '>=34' }
  return {
    what,
    read: (options) => config.get(options),
    merged,
    check: (next, now, options) =>
      checkFields(what, next, { fields, now, service: coordinator, options }),
    send: (value, options, changes) => config.set(changed(value, changes, EMPTY), options),
    history: async (options) => versionsOf(await config.history(options)),
  }
}

function brokerSetting({ coordinator }: Services): SettingSource<BrokerConfig> {
  const what = 'the dynamic configuration of the Brokers'
  const { config } = coordinator
  const fields = {
    queryBlocklist: undefined,
    queryContext: undefined,
    perSegmentTimeoutConfig: undefined,
  }
  return {
    what,
    read: (options) => config.brokerConfig(options),
    merged,
    check: (next, now, options) =>
      checkFields(what, next, { fields, now, service: coordinator, options }),
    send: (value, options, changes) =>
      config.setBrokerConfig(changed(value, changes, EMPTY_OF_BROKERS), options),
    history: async (options) => versionsOf(await config.brokerConfigHistory(options)),
  }
}

/** What is in force where nothing was set. */
const USUAL_WORKERS: WorkerConfig = {
  type: 'default',
  selectStrategy: { type: 'equalDistribution' },
}

function workersSetting({ overlord }: Services): SettingSource<WorkerConfig> {
  const what = 'the configuration of workers'
  const fields = {
    type: undefined,
    selectStrategy: undefined,
    autoScaler: undefined,
    podTemplateSelectStrategy: undefined,
  }
  return {
    what,
    read: async (options) => (await overlord.workerConfig(options)) ?? USUAL_WORKERS,
    merged: (next) => next,
    check: (next, now, options) =>
      checkFields(what, next, { fields, now, service: overlord, options }),
    send: (value, options) => overlord.setWorkerConfig(value, options),
    history: async (options) => versionsOf(await overlord.workerConfigHistory(options)),
  }
}

function clusterCompactionSetting({
  overlord,
  coordinator,
}: Services): SettingSource<ClusterCompactionConfig> {
  const what = 'compaction of the cluster'
  const fields = {
    compactionTaskSlotRatio: undefined,
    maxCompactionTaskSlots: undefined,
    compactionPolicy: '>=33',
    useSupervisors: '>=33',
    engine: '>=33',
    useAutoScaleSlots: '<32',
    storeCompactionStatePerSegment: '>=36',
  }
  return {
    what,
    read: (options) =>
      newerOr(
        () => overlord.compaction.clusterConfig(options),
        async () => {
          const { compactionConfigs, ...config } = await coordinator.compaction.configs(options)
          return config
        },
      ),
    merged,
    check: (next, _, options) => checkFields(what, next, { fields, service: coordinator, options }),
    send: (value, options, changes) => {
      const next = changed(value, changes)
      return newerOr(
        () => overlord.compaction.setClusterConfig(next, options),
        () => {
          const { compactionTaskSlotRatio: ratio, maxCompactionTaskSlots: max } = next
          const { useAutoScaleSlots: scaled } = next
          const useAutoScaleSlots = typeof scaled === 'boolean' ? scaled : undefined
          const slots = { ratio: ratio ?? undefined, max: max ?? undefined, useAutoScaleSlots }
          return coordinator.compaction.setTaskSlots(slots, options)
        },
      )
    },
    history: () => Promise.reject(new DruidError('UNSUPPORTED', `${what}: Druid keeps no history`)),
  }
}

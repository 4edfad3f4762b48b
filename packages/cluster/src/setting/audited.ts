import type { AuditEntry } from '../roles/audit.ts'
import type { CompactionAuditEntry } from '../roles/compaction.ts'
import type { SettingVersion } from './setting.ts'

/** What Druid's audit has of a setting, the newest first. */
export function versionsOf<Value>(entries: readonly AuditEntry[]): SettingVersion<Value>[] {
  const versions = entries.map((entry) => versionOf(entry, JSON.parse(entry.payload) as Value))
  return newestFirst(versions)
}

/** As {@link versionsOf}: a data source whose compaction was taken away has none. */
export function compactionVersionsOf<Value>(
  entries: readonly CompactionAuditEntry[],
): SettingVersion<Value | undefined>[] {
  return newestFirst(
    entries.map((entry) => versionOf(entry, (entry.compactionConfig ?? undefined) as Value)),
  )
}

function versionOf<Value>(
  { auditInfo, auditTime }: Pick<AuditEntry, 'auditInfo' | 'auditTime'>,
  value: Value,
): SettingVersion<Value> {
  const { author, comment, ip, identity } = auditInfo
  return { value, time: auditTime, author, comment, ip, identity: identity ?? undefined }
}

function newestFirst<Value>(versions: SettingVersion<Value>[]): SettingVersion<Value>[] {
  return versions.sort((a, b) => b.time.localeCompare(a.time))
}

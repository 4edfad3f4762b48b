import { brokerTable } from './broker.ts'
import { commonTable } from './common.ts'
import { compactionTable } from './compaction.ts'
import { coordinatorTable } from './coordinator.ts'
import { historicalTable } from './historical.ts'
import { introspectionTable } from './introspection.ts'
import { lookupsTable } from './lookups.ts'
import { metadataTable } from './metadata.ts'
import { overlordTable } from './overlord.ts'
import { routerTable } from './router.ts'
import type { Table } from './row.ts'
import { segmentsTable } from './segments.ts'
import { settingsTable } from './settings.ts'
import { supervisorsTable } from './supervisors.ts'
import { workerTable } from './worker.ts'

/** In the order of `docs/coverage.md`, which `./dev coverage` makes of them. */
export const tables: readonly Table[] = [
  commonTable,
  routerTable,
  coordinatorTable,
  overlordTable,
  compactionTable,
  metadataTable,
  segmentsTable,
  settingsTable,
  lookupsTable,
  supervisorsTable,
  brokerTable,
  introspectionTable,
  historicalTable,
  workerTable,
]

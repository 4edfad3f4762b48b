import { brokerTable } from './broker.ts'
import { commonTable } from './common.ts'
import { coordinatorTable } from './coordinator.ts'
import { historicalTable } from './historical.ts'
import { introspectionTable } from './introspection.ts'
import { lookupsTable } from './lookups.ts'
import { overlordTable } from './overlord.ts'
import { routerTable } from './router.ts'
import type { Table } from './row.ts'
import { supervisorsTable } from './supervisors.ts'
import { workerTable } from './worker.ts'

/** In the order of `docs/coverage.md`, which `./dev coverage` makes of them. */
export const tables: readonly Table[] = [
  commonTable,
  routerTable,
  coordinatorTable,
  overlordTable,
  lookupsTable,
  supervisorsTable,
  brokerTable,
  introspectionTable,
  historicalTable,
  workerTable,
]

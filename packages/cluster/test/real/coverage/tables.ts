import { commonTable } from './common.ts'
import { coordinatorTable } from './coordinator.ts'
import { lookupsTable } from './lookups.ts'
import { overlordTable } from './overlord.ts'
import type { Table } from './row.ts'
import { supervisorsTable } from './supervisors.ts'

/** In the order of `docs/coverage.md`, which `./dev coverage` makes of them. */
export const tables: readonly Table[] = [
  commonTable,
  coordinatorTable,
  overlordTable,
  lookupsTable,
  supervisorsTable,
]

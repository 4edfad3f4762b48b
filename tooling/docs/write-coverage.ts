import { writeFileSync } from 'node:fs'
import { tables } from '../../packages/cluster/test/real/coverage/tables.ts'
import { coveragePage } from './coverage.ts'

writeFileSync(new URL('../../docs/coverage.md', import.meta.url), coveragePage(tables))

/** `@druid/core` over fetch (ky). */
import { fetchTransport } from '@druid/core/fetch'
import type { Contender } from './contender.ts'
import { druidContender } from './druid.ts'

export const contender: Contender = druidContender({ transport: fetchTransport() })

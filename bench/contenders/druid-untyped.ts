/** `@druid/core` without its check of integers: what exactness costs. */
import type { Contender } from './contender.ts'
import { druidContender } from './druid.ts'

export const contender: Contender = druidContender({ values: { bigint: 'number' } })

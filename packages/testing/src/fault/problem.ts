import { DruidError } from '@druid/core/extension'

/** What is wrong with the test itself, not with what it tests: code `CONFIG`. */
export function wrongFault(why: string, option: string): DruidError<'CONFIG'> {
  return new DruidError('CONFIG', `faults: ${why}`, { option })
}

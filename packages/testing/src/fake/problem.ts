import { DruidError } from '@druid/core/extension'

/** What is wrong with the test itself, not with what it tests: code `CONFIG`. */
export function wrongFake(why: string, option: string, cause?: unknown): DruidError<'CONFIG'> {
  return new DruidError('CONFIG', `fakeDruid: ${why}`, { option, cause })
}

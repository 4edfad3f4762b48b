import { ERROR_PROPERTIES } from './errors.ts'
import { LIMIT_PROPERTIES } from './limits.ts'
import { NATIVE_PROPERTIES } from './native.ts'
import type { Property } from './property.ts'
import { RAW_PROPERTIES } from './raw.ts'
import { SQL_PROPERTIES } from './sql.ts'

export const PROPERTIES: Readonly<Record<string, readonly Property[]>> = {
  'of SQL': SQL_PROPERTIES,
  'of SQL as bytes': RAW_PROPERTIES,
  'of native queries': NATIVE_PROPERTIES,
  'of any length': LIMIT_PROPERTIES,
  'instead of a result': ERROR_PROPERTIES,
}

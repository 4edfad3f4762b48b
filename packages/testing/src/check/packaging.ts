import { messageOf } from '@druid/core/extension'
import { type Message, publint } from 'publint'
import { formatMessage, getPkgPathValue } from 'publint/utils'
import { staysInside } from './entries.ts'
import { own } from './manifest.ts'
import { fault, type Problem, type Rule, warning } from './problem.ts'
import type { PackageTarget } from './target.ts'

/** What publint finds, and the rule that it breaks. What breaks none is not ours to tell. */
const RULES: Readonly<Partial<Record<Message['code'], Rule>>> = {
  FILE_INVALID_FORMAT: 'R2',
  FILE_INVALID_EXPLICIT_FORMAT: 'R2',
  FILE_INVALID_JSX_EXTENSION: 'R2',
  FILE_DOES_NOT_EXIST: 'R2',
  FILE_NOT_PUBLISHED: 'R2',
  EXPORTS_DEFAULT_SHOULD_BE_LAST: 'R2',
  EXPORTS_VALUE_INVALID: 'R2',
  EXPORTS_GLOB_NO_MATCHED_FILES: 'R2',
  FIELD_INVALID_VALUE_TYPE: 'R2',
  IMPORTS_KEY_INVALID: 'R2',
  IMPORTS_VALUE_INVALID: 'R2',
  IMPORTS_DEFAULT_SHOULD_BE_LAST: 'R2',
  TYPES_NOT_EXPORTED: 'R3',
  EXPORTS_TYPES_INVALID_FORMAT: 'R3',
  EXPORTS_MODULE_SHOULD_BE_ESM: 'R8',
  EXPORTS_MODULE_SHOULD_PRECEDE_REQUIRE: 'R8',
}

/** Mistakes of packaging that publint knows, as problems of R2, R3 and R8. */
export async function packagingProblems({ folder, manifest }: PackageTarget): Promise<Problem[]> {
  // It would judge every file in the folder, and R2 has told already.
  if (own(manifest, 'exports') === undefined) return []
  try {
    const { messages, pkg } = await publint({ pkgDir: folder, pack: false, level: 'warning' })
    return messages.flatMap((message) => problemOf(message, pkg))
  } catch (cause) {
    return [warning('R2', `publint cannot judge the package: ${messageOf(cause)}`, 'package.json')]
  }
}

function problemOf(message: Message, pkg: Record<string, unknown>): Problem[] {
  const { code, path, type } = message
  const rule = RULES[code]
  if (rule === undefined || isOurs(message, getPkgPathValue(pkg, path))) return []
  const text = formatMessage(message, pkg, { color: false }) ?? `${path.join('.')}: ${code}`
  const what = code === 'FILE_DOES_NOT_EXIST' ? `${text.replace(/\.$/, '')}; ${BUILD}` : text
  return [(type === 'error' ? fault : warning)(rule, what, 'package.json')]
}

const BUILD = 'build it, and publish it'

/** Told by R2 and R3 themselves, or no mistake: what is published may not be built yet. */
function isOurs({ code, path }: Message, value: unknown): boolean {
  if (path.includes('./register') && typeof value === 'string' && !staysInside(value)) return true
  return code === 'FILE_DOES_NOT_EXIST' && (path[0] === 'publishConfig' || path.includes('types'))
}

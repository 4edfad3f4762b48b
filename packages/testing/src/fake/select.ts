/** The SELECT statements over one table that the fake understands by itself. */

export type Literal = string | number | null

export interface Select {
  /** As they are written: `['sys', 'servers']`. */
  readonly table: readonly string[]
  readonly distinct: boolean
  /** `undefined`: all columns. `column: undefined`: COUNT(*). */
  readonly items:
    | readonly { readonly column: string | undefined; readonly name: string }[]
    | undefined
  readonly where: readonly Condition[]
  readonly orderBy: readonly { readonly by: string | number; readonly descending: boolean }[]
  readonly limit: number | undefined
}

export interface Condition {
  readonly column: string
  readonly operator:
    | '='
    | '<>'
    | '<'
    | '<='
    | '>'
    | '>='
    | 'in'
    | 'not in'
    | 'is null'
    | 'is not null'
  readonly values: readonly Literal[]
}

interface Token {
  readonly kind: 'word' | 'quoted' | 'text' | 'number' | 'sign'
  readonly value: string
}

const TOKEN =
  /\s*(?:([A-Za-z_$][\w$]*)|"((?:[^"]|"")+)"|'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|(<>|!=|<=|>=|[*(),.=<>?;]))/y

class NotUnderstood extends Error {}

/** `undefined` for any other statement. `parameters`: the values of its `?`. */
export function parseSelect(sql: string, parameters: readonly Literal[]): Select | undefined {
  try {
    const tokens = tokensOf(sql)
    return select(tokens, [...parameters])
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined
    throw error
  }
}

/** Comments, and the quoted in which there are none. */
const COMMENT = /("(?:[^"]|"")*"|'(?:[^']|'')*')|--[^\n]*|\/\*[\s\S]*?\*\//g

function tokensOf(commented: string): Token[] {
  const sql = commented.replace(COMMENT, (_, quoted?: string) => quoted ?? ' ')
  const tokens: Token[] = []
  const end = sql.trimEnd().length
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(sql)
    if (match === null) throw new NotUnderstood()
    const [, word, quoted, text, number, sign] = match
    if (word !== undefined) tokens.push({ kind: 'word', value: word })
    else if (quoted !== undefined)
      tokens.push({ kind: 'quoted', value: quoted.replaceAll('""', '"') })
    else if (text !== undefined) tokens.push({ kind: 'text', value: text.replaceAll("''", "'") })
    else if (number !== undefined) tokens.push({ kind: 'number', value: number })
    else tokens.push({ kind: 'sign', value: sign ?? '' })
  }
  return tokens
}

/** Words that cannot be a name unless they are quoted. */
const KEYWORDS = new Set(
  'select distinct from where and or not in is null as order by asc desc limit group having join on union'.split(
    ' ',
  ),
)

function select(tokens: Token[], parameters: Literal[]): Select {
  const word = (expected: string): boolean => {
    const { kind, value } = tokens[0] ?? {}
    if (kind !== 'word' || value?.toLowerCase() !== expected) return false
    tokens.shift()
    return true
  }
  const sign = (expected: string): boolean => {
    const { kind, value } = tokens[0] ?? {}
    if (kind !== 'sign' || value !== expected) return false
    tokens.shift()
    return true
  }
  const need = (there: boolean): void => {
    if (!there) throw new NotUnderstood()
  }
  const isName = ({ kind, value = '' }: Partial<Token> = {}): boolean =>
    kind === 'quoted' || (kind === 'word' && !KEYWORDS.has(value.toLowerCase()))
  const name = (): string => {
    need(isName(tokens[0]))
    return (tokens.shift() as Token).value
  }
  const list = <T>(one: () => T): T[] => {
    const all = [one()]
    while (sign(',')) all.push(one())
    return all
  }
  const path = (): string[] => {
    const names = [name()]
    while (sign('.')) names.push(name())
    return names
  }
  const column = (): string => path().at(-1) ?? ''
  const literal = (): Literal => {
    if (word('null')) return null
    const { kind, value = '' } = tokens.shift() ?? {}
    if (kind === 'text') return value
    if (kind === 'number') return Number(value)
    need(kind === 'sign' && value === '?' && parameters.length > 0)
    return parameters.shift() as Literal
  }
  const alias = (): string | undefined => {
    if (word('as')) return name()
    return isName(tokens[0]) ? name() : undefined
  }
  let unnamed = -1
  const item = (): { column: string | undefined; name: string } => {
    unnamed += 1
    const [first, second] = tokens
    if (first?.value.toLowerCase() === 'count' && second?.value === '(') {
      tokens.splice(0, 2)
      need(sign('*') && sign(')'))
      return { column: undefined, name: alias() ?? `EXPR$${unnamed}` }
    }
    const own = column()
    return { column: own, name: alias() ?? own }
  }
  const condition = (): Condition => {
    const own = column()
    if (word('is')) {
      const operator = word('not') ? 'is not null' : 'is null'
      need(word('null'))
      return { column: own, operator, values: [] }
    }
    const not = word('not')
    if (word('in')) {
      need(sign('('))
      const values = list(literal)
      need(sign(')'))
      return { column: own, operator: not ? 'not in' : 'in', values }
    }
    need(!not)
    const operator = COMPARISONS.find(sign)
    if (operator === undefined) throw new NotUnderstood()
    return { column: own, operator: operator === '!=' ? '<>' : operator, values: [literal()] }
  }
  const key = (): { by: string | number; descending: boolean } => {
    const ordinal = tokens[0]?.kind === 'number' ? tokens.shift() : undefined
    const by = ordinal === undefined ? column() : Number(ordinal.value)
    const descending = word('desc')
    if (!descending) word('asc')
    return { by, descending }
  }

  need(word('select'))
  const distinct = word('distinct')
  const items = sign('*') ? undefined : list(item)
  need(word('from'))
  const table = path()
  alias()
  const where: Condition[] = []
  if (word('where')) {
    where.push(condition())
    while (word('and')) where.push(condition())
  }
  const ordered = word('order')
  if (ordered) need(word('by'))
  const orderBy = ordered ? list(key) : []
  const limit = word('limit') ? Number(literal() ?? undefined) : undefined
  sign(';')
  need(tokens.length === 0 && parameters.length === 0)
  need(limit === undefined || (Number.isInteger(limit) && limit >= 0))
  return { table, distinct, items, where, orderBy, limit }
}

const COMPARISONS = ['=', '<>', '!=', '<=', '>=', '<', '>'] as const

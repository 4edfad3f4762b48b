/** The rules that an extension is held to; docs/extensions/testing.md says what each asks for. */
export type Rule =
  | 'R1'
  | 'R2'
  | 'R3'
  | 'R4'
  | 'R5'
  | 'R6'
  | 'R7'
  | 'R8'
  | 'R9'
  | 'R10'
  | 'R11'
  | 'R12'
  | 'R13'
  | 'R14'
  | 'R15'
  | 'R16'
  | 'R17'

/** One thing that is wrong with an extension. */
export interface Problem {
  readonly rule: Rule
  /** `error`: it does not work, or harms others. `warning`: it works less well than it could. */
  readonly level: 'error' | 'warning'
  /** What is wrong, and what to write instead. */
  readonly message: string
  /** Where: a path within the package, e.g. `package.json`, `dist/register.js`. */
  readonly file?: string
}

export function fault(rule: Rule, message: string, file?: string): Problem {
  return { rule, level: 'error', message: short(message), ...(file !== undefined && { file }) }
}

export function warning(rule: Rule, message: string, file?: string): Problem {
  return { ...fault(rule, message, file), level: 'warning' }
}

/** In the order of the rules, errors before warnings, each once. */
export function sorted(problems: readonly Problem[]): Problem[] {
  const place = ({ rule, level }: Problem): number =>
    Number(rule.slice(1)) * 2 + Number(level === 'warning')
  const unique = new Map(problems.map((it) => [`${it.rule} ${it.message} ${it.file}`, it]))
  return [...unique.values()].sort((a, b) => place(a) - place(b))
}

/** A value of a stranger's package, as a message may show it: one line of at most 80 characters. */
export function shown(value: unknown): string {
  let text: string | undefined
  try {
    text =
      typeof value === 'string' ? JSON.stringify(value) : (JSON.stringify(value) ?? typeof value)
  } catch {
    text = typeof value
  }
  return text.length > 80 ? `${text.slice(0, 79)}…` : text
}

/** What a stranger's code throws may be of any length. */
function short(message: string): string {
  return message.length > 1000 ? `${message.slice(0, 700)} … ${message.slice(-250)}` : message
}

/** The result of a command: to the standard output, where it can be piped. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** What a person should know beside it: to the standard error. */
export function say(text: string): void {
  process.stderr.write(`${harmless(text)}\n`)
}

/** Ends the command with 1 when it has said all: it did its work, and found something wrong. */
export function foundProblems(): void {
  process.exitCode = 1
}

/** Messages quote packages, and what those hold must not act on a terminal. */
export function harmless(text: string): string {
  return text.replace(
    /[^\n\P{Cc}]/gu,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

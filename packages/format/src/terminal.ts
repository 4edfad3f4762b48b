/** The part of Node's `process` that says how wide the terminal is; Deno and Bun have it too. */
interface Host {
  readonly process?: {
    readonly stdout?: { readonly isTTY?: boolean; readonly columns?: number }
  }
}

/** Columns of the terminal that the standard output is, and `Infinity` where it is none. */
export function terminalWidth(): number {
  const stdout = (globalThis as Host).process?.stdout
  // Some pseudo-terminals say 0: they do not know.
  return (stdout?.isTTY && stdout.columns) || Number.POSITIVE_INFINITY
}

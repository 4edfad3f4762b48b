import type { Problem } from './problem.ts'

/** Options of {@link checkExtension}. */
export interface CheckOptions {
  /**
   * Options of the extension, as its `.with()` takes them: for one that cannot do without. For a
   * package what JSON can carry. Default: none.
   */
  readonly options?: unknown
  /**
   * Further copies of `@druid/core`, as folders or tarballs: the oldest and the newest that the
   * package allows. Default: only the one that it finds.
   */
  readonly cores?: readonly (string | URL)[] | undefined
  /**
   * Folder of the `typescript` to check types with, 5.4 or later. Default: that of the package, of
   * the working directory, or of this package.
   */
  readonly typescript?: string | undefined
  /** Milliseconds each for importing, registering, making and closing it. Default 10,000. */
  readonly timeout?: number | undefined
}

/**
 * Checks an extension against the rules R1 to R17 of `docs/extensions/testing.md`: the folder of a
 * package, a packed tarball (`.tgz`), or a module (an imported `./register`, or a definition).
 *
 * A package is run in a process of its own, in which it cannot reach the network, write files or
 * start processes; a tarball is first unpacked, as npm would install it, beside the dependencies
 * found at the tarball's folder or the working directory. Nothing is installed or sent. Types are
 * checked by the package's own compiler, if there is one. Of R14 (`peerDependencies`): the range is
 * one, has an end, and includes the copy of core with which the package is run; with `cores`, it also
 * registers on each of those.
 *
 * A module runs in this process, so only R4 to R6 and R10 to R13 are checked, and what happens
 * later than the call that began it is not seen.
 *
 * @returns in the order of the rules; empty when all is well.
 * @throws DruidError `CONFIG` for a target or an option that cannot be used.
 */
export async function checkExtension(
  target: string | URL | object,
  options: CheckOptions = {},
): Promise<Problem[]> {
  // Only here: it is of no use to those who want a Druid in memory, nor where there is no Node.
  const { applyRules } = await import('./rules.ts')
  return applyRules(target, options)
}

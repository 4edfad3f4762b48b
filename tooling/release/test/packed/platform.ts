/** Whether an entry is for browsers too; the others run only on Node. */
export function isUniversal(entry: string): boolean {
  return !/^@druid\/(local|cli|testing|core\/(discover|auto))(\/|$)/.test(entry)
}

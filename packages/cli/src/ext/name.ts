/** `audit-log` → `auditLog`: an extension's name as a word of TypeScript. */
export function camelCase(name: string): string {
  return name.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

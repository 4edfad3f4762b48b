/** An IPv6 address without its brackets, which only URLs have. */
export function hostOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname
}

/** A user or password as a URL has it. A lone `%` in a password is legal there and no escape. */
export function decodedUserinfo(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const MOST = 60

/**
 * A name for a message, in quotes. What is no name may be of any length, act on a terminal, or look
 * like another: such characters are shown by their number.
 */
export function quoted(name: string): string {
  const short = name.length > MOST ? `${name.slice(0, MOST)}…` : name
  return JSON.stringify(short).replace(/[^\x20-\x7e…]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

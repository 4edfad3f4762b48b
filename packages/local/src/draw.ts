import type { OnProgress } from './progress.ts'

/** Draws progress on a stream: one line that changes on a terminal, else a line per change. */
export function drawProgress(stream: NodeJS.WriteStream = process.stderr): OnProgress {
  let last = ''
  let open = false
  return ({ step, message, done, total }) => {
    const count =
      total === undefined ? (done === undefined ? '' : ` (${done})`) : ` (${done}/${total})`
    const line = `${step === 'warning' ? 'warning: ' : ''}${message}${count}`
    if (line === last) return
    last = line
    if (!stream.isTTY) {
      // Downloads count up by hundreds: the first says enough.
      if (total !== undefined || (done ?? 1) === 1) stream.write(`${line}\n`)
      return
    }
    stream.write(`\r\u001b[2K${line}`)
    open = step === 'resolve' || step === 'start'
    if (!open) stream.write('\n')
  }
}

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Files over HTTP, of which the first is short and the others never end: what reads them is a task that
 * runs as long as it is to.
 */
export interface SlowSource {
  readonly urls: readonly string[]
  close(): void
}

export async function slowSource(files: number): Promise<SlowSource> {
  const server: Server = createServer(({ url }, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.write('{"time":"2024-01-01","text":"hello"}\nnot json\n')
    if (url === '/0.json') {
      response.end()
      return
    }
    const row = (): boolean => response.write('{"time":"2024-01-01","text":"hello"}\n')
    const timer = setInterval(row, 200)
    response.on('close', () => clearInterval(timer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    urls: Array.from({ length: files }, (_, i) => `http://127.0.0.1:${port}/${i}.json`),
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** `node:http`, nothing decoded: the floor. */
import { Agent, request } from 'node:http'
import { Adding, type Contender } from './contender.ts'

function send(
  url: string,
  query: string,
  agent: Agent,
  onChunk: (chunk: Buffer) => void,
): Promise<void> {
  const body = JSON.stringify({
    query,
    resultFormat: 'arrayLines',
    header: true,
    typesHeader: true,
    sqlTypesHeader: true,
  })
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    }
    const outgoing = request(
      `${url}/druid/v2/sql`,
      { method: 'POST', agent, headers },
      (response) => {
        response.on('data', onChunk)
        response.on('end', resolve)
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

export const contender: Contender = {
  async stream(url, query, first) {
    let chunks = 0
    await send(url, query, new Agent(), () => {
      if (chunks === 0) first()
      chunks += 1
    })
    return new Adding()
  },
  small(url) {
    const agent = new Agent({ keepAlive: true })
    return (query) => send(url, query, agent, () => {})
  },
}

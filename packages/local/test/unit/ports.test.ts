import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { choosePorts, PORT_NAMES } from '../../src/ports.ts'

describe('ports', () => {
  it('are free, and all different', async () => {
    const ports = await choosePorts()
    expect(Object.keys(ports).sort()).toEqual([...PORT_NAMES].sort())
    expect(new Set(Object.values(ports)).size).toBe(PORT_NAMES.length)
  })

  it('are the given ones where given', async () => {
    const { router } = await choosePorts()
    expect((await choosePorts({ router })).router).toBe(router)
  })

  it('are refused when in use, naming the port', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    await expect(choosePorts({ broker: port })).rejects.toThrow(
      `port ${port} (ports.broker) is in use`,
    )
    await new Promise((resolve) => server.close(resolve))
  })

  it('are refused when two are the same', async () => {
    const { router } = await choosePorts()
    await expect(choosePorts({ router, broker: router })).rejects.toThrow(
      `port ${router} is given twice`,
    )
  })

  it('are refused when they are none', async () => {
    await expect(choosePorts({ router: 70_000 })).rejects.toThrow('70000 is no port')
    await expect(choosePorts({ nowhere: 1 } as never)).rejects.toThrow('there is no port "nowhere"')
  })
})

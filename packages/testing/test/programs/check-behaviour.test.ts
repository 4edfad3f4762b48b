import { describe, expect, it } from 'vitest'
import { packageWith, problemsOf, REGISTER, registerWith } from './package.ts'

/** A `./register` whose client class has this constructor and these members. */
function client(construct: string, more = '', before = ''): string {
  return `${before}
import { defineExtension } from '@druid/core/extension'
export class RangerClient {
  constructor(client) { ${construct} }
  ${more}
}
export const ranger = defineExtension({ name: 'ranger', summary: 'Ranger', client: RangerClient })
export const { registerClient } = ranger
export default ranger
`
}

/** A plain `./register` with this body. */
const plain = (body: string): string => `export function registerClient(context) { ${body} }`

/** What is found in a package with that `./register`. */
const found = async (code: string, timeout = 5000): Promise<string[]> =>
  problemsOf(await registerWith(code), { timeout })

/** The same of one that has types as well. */
const foundTyped = async (code: string): Promise<string[]> =>
  problemsOf(await packageWith({ 'dist/register.js': code }))

describe('R4', () => {
  it('finds a module that exports no registerClient', async () => {
    expect(await foundTyped('export const ranger = {}, RangerClient = {}')).toEqual([
      expect.stringMatching(
        /^R4 error: its "\.\/register" exports no function registerClient; write export/,
      ),
    ])
  })

  it('finds one that only its default export has', async () => {
    expect(await found(REGISTER.replace('export const { registerClient } = ranger', ''))).toEqual([
      expect.stringMatching(/^R4 error: .* does not export registerClient itself; write export/),
    ])
  })

  it.each([
    ['throws what is no error', 'throw Object.create(null)', 'something was thrown'],
    ['imports what is not there', 'import "druid-nowhere"', "Cannot find package 'druid-nowhere'"],
    ['does not parse', 'export function {', 'Unexpected token'],
  ])('finds a module that %s', async (_, code, why) => {
    const problems = await found(code)
    expect(problems).toEqual([expect.stringMatching(/^R4 error: importing it fails: /)])
    expect(problems[0]).toContain(why)
  })
})

/** What must not be done when a module is imported → what is told of it. */
const EFFECTS: Record<string, RegExp> = {
  "http.get('http://127.0.0.1:9')": /opens a socket to 127\.0\.0\.1:9/,
  "https.get('https://127.0.0.2:9')": /opens a socket to 127\.0\.0\.2:9/,
  "net.connect(9, '127.0.0.3')": /opens a socket to 127\.0\.0\.3:9/,
  "net.connect('/run/druid')": /opens a socket to \/run\/druid/,
  "tls.connect(9, '127.0.0.4')": /opens a socket to 127\.0\.0\.4:9/,
  "new WebSocket('ws://127.0.0.5:9')": /opens a WebSocket to "ws:\/\/127\.0\.0\.5:9"/,
  'net.createServer().listen(0)': /opens a server/,
  "dgram.createSocket('udp4').send('x', 9)": /opens a UDP socket/,
  "dns.lookup('druid', () => {})": /looks up the host "druid"/,
  "dns.promises.resolve4('coordinator')": /looks up the host "coordinator"/,
  "spawn('ls')": /starts a process \("ls"\)/,
  "execSync('pwd')": /starts a process \("pwd"\)/,
  "new Worker('0', { eval: true })": /starts a thread/,
  "fs.writeFileSync('x', '')": /writes files \(writeFileSync "x"\)/,
  "mkdir('y')": /writes files \(mkdir "y"\)/,
  "fs.openSync('z', 'a')": /writes files \(openSync "z"\)/,
  "console.log('loaded')": /prints "loaded"/,
  'globalThis.structuredClone = () => {}': /changes globalThis\.structuredClone/,
  'delete globalThis.atob': /removes globalThis\.atob/,
  'http.request = () => {}': /changes http\.request/,
  "process.env.RANGER = '1'": /adds process\.env\.RANGER/,
  'process.abort()': /calls process\.abort\(\)/,
}

const IMPORTS = `
import { execSync, spawn } from 'node:child_process'
import dgram from 'node:dgram'
import dns from 'node:dns'
import fs from 'node:fs'
import { mkdir } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import net from 'node:net'
import tls from 'node:tls'
import { Worker } from 'node:worker_threads'
`

describe('R5: importing', () => {
  it('finds a request, does not send it, and tells no secret', async () => {
    const url = 'http://user:secret@localhost:9/config?key=1'
    expect(await foundTyped(`fetch('${url}').catch(() => {})\n${REGISTER}`)).toEqual([
      expect.stringMatching(
        /^R5 error: importing it calls fetch\("http:\/\/localhost:9\/config"\); importing and/,
      ),
    ])
  })

  it('finds whatever reaches out of the module', async () => {
    const tries = Object.keys(EFFECTS).map((effect) => `try { await (${effect}) } catch {}`)
    const problems = await found(`${IMPORTS}\n${tries.join('\n')}\n${plain('')}`)
    expect(problems.filter((it) => !it.startsWith('R5 error: importing it '))).toEqual([])
    for (const message of Object.values(EFFECTS)) {
      expect(problems).toContainEqual(expect.stringMatching(message))
    }
    expect(problems).toHaveLength(Object.keys(EFFECTS).length)
  })

  it('only warns of new global variables, as packages in use everywhere have some', async () => {
    const code = "for (const name of 'abcde') globalThis[`__${name}`] = () => {}"
    expect(await found(`${code}\n${plain('')}`)).toEqual([
      expect.stringMatching(
        /^R5 warning: importing it adds globalThis\.__a, globalThis\.__b, globalThis\.__c and 2 more; all of the process shares it: if it is yours/,
      ),
    ])
  })

  it('finds what it leaves open', async () => {
    const code = `import { watch } from 'node:fs'
      setTimeout(() => {}, 60_000).unref(); process.on('exit', () => {}); watch('.')`
    expect(await found(`${code}\n${plain('')}`)).toEqual([
      expect.stringMatching(/^R5 error: importing it leaves a timer/),
      expect.stringMatching(/^R5 error: importing it leaves a watcher of files/),
      expect.stringMatching(/^R5 error: importing it leaves a listener for "exit" on process/),
    ])
  })

  it.each([
    ['a rejection', "Promise.reject(new Error('late'))", /leaves a rejected promise.*: late/],
    ['an end of the process', 'process.exit(0)', /importing it calls process\.exit\(0\)/],
    ['one against all odds', 'process._kill(process.pid, 9)', /importing it ends the process/],
  ])('finds %s', async (_, code, message) => {
    const problems = await found(`${code}\n${plain('')}`)
    expect(problems).toEqual([expect.stringMatching(message)])
    expect(problems[0]).toMatch(/^R5 error/)
  })

  it.each([
    [
      'works',
      'const end = process.cpuUsage().user + 150_000; while (process.cpuUsage().user < end);',
    ],
    ['waits', 'await new Promise((resolve) => setTimeout(resolve, 500))'],
  ])('finds what %s for long, every time', async (_, slow) => {
    expect(await found(`${slow}\n${plain('')}`)).toEqual([
      expect.stringMatching(/^R5 warning: importing it takes \d+ ms \(the best of 5\)/),
    ])
  })

  it.each([
    ['awaits for ever', 'await new Promise(() => {})'],
    ['loops for ever', 'while (true);'],
  ])('finds what %s', async (_, code) => {
    expect(await found(code, 500)).toEqual([
      expect.stringMatching(/^R5 error: importing it does not end within 0\.5 s/),
    ])
  })

  it('lets files be read', async () => {
    const code = `import { readFileSync } from 'node:fs'
      readFileSync(new URL('../package.json', import.meta.url))`
    expect(await found(`${code}\n${REGISTER}`)).toEqual([])
  })
})

it('R5 finds what registering does', async () => {
  const code = `import http from 'node:http'; ${plain("http.get('http://127.0.0.1:9')")}`
  expect(await found(code)).toEqual([
    expect.stringMatching(/^R5 error: registerClient opens a socket to 127\.0\.0\.1:9/),
  ])
})

it('R6 finds an instance that two connections share', async () => {
  expect(await foundTyped(client('return shared ??= this', '', 'let shared;'))).toEqual([
    expect.stringMatching(/^R6 error: rangerClient\(\) gives two connections the same object/),
  ])
})

describe('R10', () => {
  it('finds a name that is taken', async () => {
    const code = REGISTER.replace(
      'client: RangerClient',
      'client: RangerClient, clusterMethods: { refresh: RangerClient }',
    )
    expect(await foundTyped(code)).toEqual([
      expect.stringMatching(/^R10 error: .*cluster\.refresh\(\) is already taken by the cluster/),
    ])
  })

  it('finds a registration that loops for ever', async () => {
    expect(await found(plain('while (true);'), 2000)).toEqual([
      expect.stringMatching(/^R10 error: registerClient does not end within 2 s/),
    ])
  })
})

describe('R11', () => {
  it('finds a query', async () => {
    expect(await foundTyped(client("client.query('SELECT 1')"))).toEqual([
      expect.stringMatching(
        /^R11 error: making rangerClient\(\) sends POST \/druid\/v2\/sql; a constructor only/,
      ),
    ])
  })

  it('finds a request a little later', async () => {
    expect(await found(client('setTimeout(() => client.version(), 1)'))).toEqual([
      expect.stringMatching(/^R11 error: making rangerClient\(\) sends GET \/status/),
    ])
  })

  it('finds an end of the process', async () => {
    expect(await found(client('process.exit(1)'))).toEqual([
      expect.stringMatching(/^R11 error: making rangerClient\(\) calls process\.exit\(1\)/),
    ])
  })

  it('gives a package the options that it needs', async () => {
    const code = plain(`
      const { key } = context.options
      context.client = class { constructor() { if (key !== 'abc') throw new Error('no key') } }`)
    const folder = await registerWith(code)
    expect(await problemsOf(folder, { options: { key: 'abc' } })).toEqual([])
    expect(await problemsOf(folder)).toEqual([
      expect.stringMatching(/^R10 error: .*; options that/),
    ])
  })
})

describe('R12', () => {
  it('finds a timer that outlives the connection', async () => {
    expect(await foundTyped(client('setInterval(() => {}, 1000)'))).toEqual([
      expect.stringMatching(
        /^R12 error: after the connections were closed there is still a timer; end it in/,
      ),
    ])
  })

  it('finds a disposal that does not end', async () => {
    const code = client('', '[Symbol.asyncDispose]() { return new Promise(() => {}) }')
    expect(await found(code, 2000)).toEqual([
      expect.stringMatching(/^R12 error: closing its connections does not end within 2 s/),
    ])
  })

  it('takes what is ended, whenever it was opened', async () => {
    const construct = `
      this.timer = setInterval(() => {}, 1000)
      process.on('SIGHUP', this.listener)`
    const dispose = `
      listener = () => {};
      [Symbol.dispose]() { clearInterval(this.timer); process.off('SIGHUP', this.listener) }`
    expect(await found(client(construct, dispose))).toEqual([])
  })
})

describe('R13', () => {
  it('finds a change to what core makes', async () => {
    const code = `import { DruidError } from '@druid/core'
      DruidError.prototype.toJSON = () => ({})`
    expect(await foundTyped(`${code}\n${REGISTER}`)).toEqual([
      expect.stringMatching(
        /^R13 error: importing it changes @druid\/core DruidError\.prototype\.toJSON; all of/,
      ),
    ])
  })

  it.each<[string, string, RegExp]>([
    [
      'the client of core',
      client('Object.getPrototypeOf(client).query = () => {}'),
      /making rangerClient\(\) changes query of the prototype of @druid\/core client/,
    ],
    [
      'what every object is',
      `Object.freeze(Object.prototype)\n${REGISTER}`,
      /importing it freezes Object\.prototype/,
    ],
    [
      'what the check itself uses',
      `Array.prototype.map = Map.prototype.get = Array.prototype[Symbol.iterator] =
        Promise.prototype.then = JSON.stringify = () => { throw 1 }
      ${REGISTER}`,
      /importing it changes Map\.prototype\.get/,
    ],
  ])('finds a change to %s', async (_, code, message) => {
    const problems = await found(code)
    expect(problems).toContainEqual(expect.stringMatching(message))
    expect(problems.filter((it) => !/^R13 error|R5 error: .*JSON\.stringify/.test(it))).toEqual([])
  })
})

it('all that is wrong is told at once', async () => {
  const code = `globalThis.a = 1; console.log('b')
    ${client("client.query('SELECT 1'); setInterval(() => {}, 1000)")}`
  expect((await found(code)).map((it) => it.split(' ')[0])).toEqual(['R5', 'R5', 'R11', 'R12'])
})

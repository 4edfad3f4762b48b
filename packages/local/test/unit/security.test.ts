import { startDruid } from '@druid/local'
import { describe, expect, it, vi } from 'vitest'
import { adminHeaders, makeUsers, securityProperties } from '../../src/security.ts'

describe('security', () => {
  it('makes Druid ask for passwords, and services call one another by theirs', () => {
    expect(securityProperties({ adminPassword: 'a', internalPassword: 'b' })).toMatchObject({
      'druid.auth.authenticatorChain': '["basic"]',
      'druid.auth.authenticator.basic.initialAdminPassword': 'a',
      'druid.auth.authenticator.basic.initialInternalClientPassword': 'b',
      'druid.escalator.internalClientPassword': 'b',
      'druid.auth.authorizers': '["basic"]',
    })
    expect(securityProperties({ adminPassword: 'a' })).toMatchObject({
      'druid.escalator.internalClientPassword': 'a',
    })
    expect(adminHeaders(undefined)).toEqual({})
    expect(adminHeaders({ adminPassword: 'ä' })).toEqual({ authorization: 'Basic YWRtaW46w6Q=' })
  })

  it('needs a version of which druid-basic-security resolves', async () => {
    await expect(startDruid({ security: { adminPassword: 'a' } })).rejects.toThrow(
      /"druid-basic-security" does not resolve for Druid 33\.0\.0/,
    )
  })

  it.each(['', 'a:b'])('refuses the password %j, which never lets in', async (password) => {
    const version = '27.0.0'
    await expect(startDruid({ version, security: { adminPassword: password } })).rejects.toThrow(
      'colon',
    )
    const users = [{ name: 'a', password }]
    await expect(startDruid({ version, security: { adminPassword: 'a', users } })).rejects.toThrow(
      'colon',
    )
  })

  it('takes users that an earlier start made, and tells what Druid refuses', async () => {
    const asked: string[] = []
    let refusal = ''
    vi.stubGlobal('fetch', async (url: string, { method }: RequestInit) => {
      asked.push(`${method} ${new URL(url).pathname}`)
      if (refusal !== '' && url.endsWith('/credentials'))
        return new Response(refusal, { status: 500 })
      if (url.endsWith('/users/read%20er')) {
        return new Response('{"error":"User [read er] already exists."}', { status: 400 })
      }
      if (url.endsWith('/roles/read%20er') && url.includes('/users/')) {
        return new Response('{"error":"User [x] already has role [x]."}', { status: 400 })
      }
      return new Response('{}')
    })
    const cluster = {
      routerUrl: 'http://r',
      security: { adminPassword: 'a', users: [{ name: 'read er', password: 'p' }] },
    }
    await makeUsers(cluster)
    expect(asked.at(-1)).toBe('POST /druid/v2/sql')
    expect(asked).toContain(
      'POST /proxy/coordinator/druid-ext/basic-security/authorization/db/basic/roles/read%20er/permissions',
    )
    refusal = 'no such thing'
    await expect(makeUsers(cluster)).rejects.toThrow(/credentials answered 500: no such thing/)
    vi.unstubAllGlobals()
  })
})

it('a version has the extensions that resolve for it', async () => {
  await expect(
    startDruid({ version: '27.0.0', extensions: ['druid-datasketches'] }),
  ).rejects.toThrow(/does not resolve for Druid 27\.0\.0; druid-multi-stage-query/)
})

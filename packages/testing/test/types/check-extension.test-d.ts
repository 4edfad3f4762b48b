import { defineExtension } from '@druid/core/extension'
import * as imply from '@druid/imply/register'
import { type CheckOptions, checkExtension, type Problem, type Rule } from '@druid/testing'
import { expectTypeOf, test } from 'vitest'

test('a package or a module is checked', async () => {
  expectTypeOf(checkExtension('extensions/imply')).toEqualTypeOf<Promise<Problem[]>>()
  expectTypeOf(checkExtension(new URL('file:///imply.tgz'))).resolves.toEqualTypeOf<Problem[]>()
  await checkExtension(imply)
  await checkExtension(defineExtension({ name: 'ranger' }), {
    options: { key: 'abc' },
    cores: ['core.tgz', new URL('file:///core')],
    typescript: undefined,
    timeout: 1000,
  })
  // @ts-expect-error no target
  await checkExtension()
  // @ts-expect-error a number is none
  await checkExtension(17)
  // @ts-expect-error a list
  await checkExtension(imply, { cores: 'core.tgz' })
  // @ts-expect-error nobody knows it
  await checkExtension(imply, { core: 'core.tgz' })
})

test('what is found has a rule, a level, a message, and perhaps a file', () => {
  expectTypeOf<Problem['rule']>().toEqualTypeOf<Rule>()
  expectTypeOf<'R1' | 'R17'>().toExtend<Rule>()
  // @ts-expect-error there are seventeen
  'R18' satisfies Rule
  expectTypeOf<Problem['level']>().toEqualTypeOf<'error' | 'warning'>()
  expectTypeOf<Problem['message']>().toBeString()
  expectTypeOf<Problem['file']>().toEqualTypeOf<string | undefined>()
  expectTypeOf<CheckOptions['options']>().toBeUnknown()
})

import { expect, it } from 'vitest'
import { kafkaPom } from '../../src/pom.ts'
import { run } from '../../src/run.ts'

it('Kafka comes from Maven, with what writes its log', () => {
  const pom = kafkaPom('3.9.0')
  expect(pom).toContain('<artifactId>kafka_2.13</artifactId>\n      <version>3.9.0</version>')
  expect(pom).toContain('<artifactId>slf4j-simple</artifactId>')
})

it('a program is given its input, also one that reads none of it', async () => {
  const echo = ['-e', 'process.stdin.pipe(process.stdout)']
  expect((await run(process.execPath, echo, { input: 'a\nb' })).output).toBe('a\nb')
  const input = 'x'.repeat(1_000_000)
  expect(await run(process.execPath, ['-e', 'process.exit(3)'], { input })).toMatchObject({
    code: 3,
  })
})

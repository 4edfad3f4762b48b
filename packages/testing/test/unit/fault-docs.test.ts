import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { type Case, type Outcome, type Outcomes, TABLE } from './fault-table.ts'

const page = resolve(import.meta.dirname, '../../../../docs/faults.md')

function word(outcome: Outcome): string {
  if (outcome === 'whole') return 'whole'
  return outcome === 'none' ? 'nothing' : `\`${outcome}\``
}

function cell(outcomes: Outcomes): string {
  if (typeof outcomes === 'string') return word(outcomes)
  return `${word(outcomes.node)}; fetch: ${word(outcomes.fetch)}`
}

const ROWS = { 0: 'none', 1: 'one', all: 'all', last: 'all, of `native` but one' }

function line({ what, rows = 0, sql, value, raw, native, request }: Case): string {
  const single = value === undefined ? '' : `; \`value\`: ${cell(value)}`
  const before = sql === 'whole' ? '' : ROWS[rows]
  const cells = [`${cell(sql)}${single}`, cell(raw ?? sql), cell(native ?? sql), cell(request)]
  return `| ${what} | ${cells.join(' | ')} | ${before} |`
}

function section([title, cases]: readonly [string, readonly Case[]]): string {
  return [
    `### ${title}`,
    '',
    '| what goes wrong | SQL | `raw` | native | `request` | rows before it |',
    '| --- | --- | --- | --- | --- | --- |',
    ...cases.map(line),
  ].join('\n')
}

it('docs/faults.md says what the table says (vitest -u writes it)', async () => {
  const parts = readFileSync(page, 'utf8').split(/(?<=<!-- the table -->\n).*(?=<!-- its end -->)/s)
  expect(parts).toHaveLength(2)
  const table = Object.entries(TABLE).map(section).join('\n\n')
  await expect(parts.join(`\n${table}\n\n`)).toMatchFileSnapshot(page)
})

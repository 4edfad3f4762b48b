export { type TableColumn, type TableOptions, type TableRows, table } from './table.ts'

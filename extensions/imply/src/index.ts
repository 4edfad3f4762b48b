export type { AsyncRows } from './async-rows.ts'
export { type AsyncOptions, ImplyClient, type RunOptions } from './client.ts'
export type { TalariaError, TalariaReport, TalariaStage } from './details.ts'
export { imply } from './register.ts'
export type { AsyncState, AsyncStatus } from './status.ts'
export type { ResultFormat, SubmitOptions } from './submit.ts'
export {
  type TalariaFilter,
  type TalariaPage,
  type TalariaResults,
  TalariaService,
  type TalariaState,
  type TalariaTask,
} from './talaria.ts'
export type { WaitOptions } from './wait.ts'

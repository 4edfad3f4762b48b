export { type AsyncOptions, ImplyClient, type RunOptions, type SubmitOptions } from './client.ts'
export type { TalariaError, TalariaReport, TalariaStage } from './details.ts'
export { imply } from './register.ts'
export type { AsyncState, AsyncStatus } from './status.ts'
export {
  type TalariaColumn,
  type TalariaFilter,
  type TalariaPage,
  type TalariaResults,
  TalariaService,
  type TalariaState,
  type TalariaTask,
} from './talaria.ts'
export type { WaitOptions } from './wait.ts'

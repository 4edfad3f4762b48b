import type { TaskStatus } from '../roles/overlord/task.ts'
import { counted, type Found, inShort } from './finding.ts'
import type { HealthSetup } from './setup.ts'

/** Tasks that have ended did so well, and none waits for long. */
export async function checkTasks({ overlord, limits, options }: HealthSetup): Promise<Found[]> {
  const now = Date.now()
  const createdTimeInterval = `${iso(now - limits.tasksSince)}/${iso(now)}`
  const [ended, pending, waiting] = await Promise.all([
    overlord.tasks({ state: 'complete', createdTimeInterval, ...options }),
    overlord.tasks({ state: 'pending', ...options }),
    overlord.tasks({ state: 'waiting', ...options }),
  ])
  const isLong = (task: TaskStatus): boolean => now - begun(task) > limits.taskWait
  return [
    ...failed(
      ended.filter(({ createdTime }) => now - Date.parse(createdTime) <= limits.tasksSince),
    ),
    ...stuck(pending.filter(isLong), 'a worker', 'Add workers, or see which tasks have the slots.'),
    ...stuck(
      waiting.filter(isLong),
      'a lock',
      'See which task has the interval locked: overlordClient().activeLocks().',
    ),
  ]
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

/** By data source and type: those that fail all fail for one reason, as a rule. */
function failed(ended: readonly TaskStatus[]): Found[] {
  const groups = new Map<string, TaskStatus[]>()
  for (const task of ended) {
    // What those that a task started did is part of what it did.
    if (task.groupId && task.groupId !== task.id && isOf(ended, task.groupId)) continue
    const key = JSON.stringify([task.dataSource, task.type])
    groups.set(key, [...(groups.get(key) ?? []), task])
  }
  return [...groups.values()].flatMap((tasks) => {
    const found = failures(tasks)
    return found === undefined ? [] : [found]
  })
}

function isOf(tasks: readonly TaskStatus[], id: string): boolean {
  return tasks.some((task) => task.id === id)
}

function failures(tasks: readonly TaskStatus[]): Found | undefined {
  const newest = tasks.toSorted((a, b) => b.createdTime.localeCompare(a.createdTime))
  const bad = newest.filter((task) => task.statusCode === 'FAILED' && !wasStopped(task))
  const [last] = bad
  if (last === undefined) return undefined
  const { dataSource, type, id, errorMsg, createdTime } = last
  // One that came after it went well: it is no more than a memory.
  const isOver = newest.find(
    ({ statusCode }) => statusCode === 'SUCCESS' || statusCode === 'FAILED',
  )
  const severity = isOver?.statusCode === 'SUCCESS' ? 'notice' : 'warning'
  return {
    severity,
    subject: dataSource === null ? `tasks ${type}` : `data source ${dataSource}`,
    problem: `${bad.length} of ${counted(tasks.length, `${type} task`)} failed, ${severity === 'notice' ? 'but not the last one' : 'the last one as well'}: ${inShort(errorMsg ?? '') || 'Druid gives no reason'}`,
    advice: `See its report and log: cluster().task('${id}').report(), .log().`,
    facts: {
      dataSource,
      type,
      failed: bad.map((task) => task.id),
      last: { id, errorMsg, createdTime },
    },
  }
}

/** Somebody wanted it so. */
function wasStopped({ errorMsg }: TaskStatus): boolean {
  return /^(?:Shutdown request from user|Canceled|Task (?:was )?cancell?ed)/i.test(errorMsg ?? '')
}

function stuck(tasks: readonly TaskStatus[], what: string, advice: string): Found[] {
  const [oldest] = tasks.toSorted((a, b) => begun(a) - begun(b))
  if (oldest === undefined) return []
  const problem = `${counted(tasks.length, 'task')} wait${tasks.length === 1 ? 's' : ''} for ${what}, the oldest (${oldest.id}) since ${iso(begun(oldest))}`
  const facts = { tasks: tasks.map(({ id }) => id), since: iso(begun(oldest)) }
  return [{ severity: 'warning', subject: 'tasks', problem, advice, facts }]
}

/** When it came into the queue. */
function begun({ queueInsertionTime, createdTime }: TaskStatus): number {
  const queued = Date.parse(queueInsertionTime ?? '')
  return queued > 0 ? queued : Date.parse(createdTime)
}

import type { Candidate } from './candidate.ts'
import type { Recorded } from './record.ts'

/** Extensions in some order, with what each requires. */
export interface Listed {
  readonly candidate: Pick<Candidate, 'name'>
  readonly recorded: Pick<Recorded, 'requires' | 'cluster'>
}

/** The one that provides the cluster, and those it requires, before all others: its names are its own. */
export function clusterFirst<One extends Listed>(all: readonly One[]): One[] {
  const first = new Set(all.filter(({ recorded }) => recorded.cluster !== undefined))
  for (const one of first) {
    const names = required(one)
    for (const other of all) if (names.includes(other.candidate.name)) first.add(other)
  }
  return [...all.filter((one) => first.has(one)), ...all.filter((one) => !first.has(one))]
}

/**
 * The first that waits for none of the others; `isThere`: whether a name is to be had already. One
 * that waits never moves those it waits for: it may fail, and must not change their order.
 */
export function nextOf<One extends Listed>(
  left: readonly One[],
  isThere: (name: string) => boolean,
): One | undefined {
  return left.find((one) => waitsFor(one, left, isThere) === undefined)
}

/** Where all of them wait for one another: the names, from one to itself again. */
export function circleOf(left: readonly Listed[]): string[] {
  const names: string[] = []
  for (let one = left[0]; one; one = waitsFor(one, left, () => false)) {
    const { name } = one.candidate
    if (names.includes(name)) return [...names.slice(names.indexOf(name)), name]
    names.push(name)
  }
  return names
}

/** As listed, each after those it requires. None of them fails any more. */
export function inOrder<One extends Listed>(all: readonly One[]): One[] {
  const left = [...all]
  const done: One[] = []
  for (let next = nextOf(left, () => false); next; next = nextOf(left, () => false)) {
    done.push(...left.splice(left.indexOf(next), 1))
  }
  return done
}

function waitsFor<One extends Listed>(
  one: One,
  left: readonly One[],
  isThere: (name: string) => boolean,
): One | undefined {
  const names = required(one)
  if (names.length === 0) return undefined
  return left.find(
    (other) =>
      other !== one && names.includes(other.candidate.name) && !isThere(other.candidate.name),
  )
}

function required({ recorded }: Listed): readonly string[] {
  return recorded.requires.extensions ?? []
}

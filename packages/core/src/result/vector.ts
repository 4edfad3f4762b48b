/**
 * The values of one column. Numbers are in typed arrays: DOUBLE and FLOAT, BIGINT that numbers hold,
 * and times in milliseconds in a Float64Array; BIGINT as bigint in a BigInt64Array. All else is in an
 * array of values, of which null is one.
 */
export type Vector<T = unknown> = unknown extends T
  ? AnyVector
  : [NonNullable<T>] extends [number]
    ? NumberVector
    : [NonNullable<T>] extends [bigint]
      ? BigintVector
      : [NonNullable<T>] extends [number | bigint]
        ? NumberVector | BigintVector
        : // Of what may be numbers, or something else, nobody knows which it is.
          [Extract<T, number | bigint>] extends [never]
          ? ListVector<T>
          : AnyVector<T>

export type AnyVector<T = unknown> = NumberVector | BigintVector | ListVector<T>

export interface NumberVector {
  /** Where `nulls` says so, NaN. */
  readonly values: Float64Array
  /** 1 for a row that is null. Absent where none is. */
  readonly nulls?: Uint8Array
}

export interface BigintVector {
  /** Where `nulls` says so, 0. */
  readonly values: BigInt64Array
  readonly nulls?: Uint8Array
}

export interface ListVector<T> {
  readonly values: readonly T[]
  readonly nulls?: undefined
}

/** A vector that grows. */
export interface VectorBuilder {
  /** Whether it takes any value, rather than numbers only. */
  readonly isList: boolean
  /** Whether it can hold that value, beside those that it holds. */
  accepts(value: unknown): boolean
  add(value: unknown): void
  addNull(): void
  /** What was added since the last time, at most `length` values. */
  take(length: number): AnyVector
}

/** So many values a new one has room for; it doubles when they are used up. */
const FIRST_ROOM = 1024

/** For a Float64Array. A class, so that what fills it can be compiled into one loop. */
export class NumberBuilder implements VectorBuilder {
  readonly isList = false
  #values = new Float64Array(FIRST_ROOM)
  #count = 0
  readonly #nulls = nullMarks()

  accepts(value: unknown): boolean {
    return isNumber(value)
  }

  add(value: unknown): void {
    if (this.#count === this.#values.length) {
      this.#values = grown(this.#values, new Float64Array(this.#count * 2))
    }
    this.#values[this.#count] = value as number
    this.#count += 1
  }

  addNull(): void {
    this.#nulls.mark(this.#count)
    this.add(Number.NaN)
  }

  take(length: number): AnyVector {
    this.#count = 0
    return { values: this.#values.slice(0, length), ...this.#nulls.take(length) }
  }
}

/** For a BigInt64Array; takes numbers that are integers, too. */
export function bigintBuilder(): VectorBuilder {
  let values = new BigInt64Array(FIRST_ROOM)
  let halves = new Int32Array(values.buffer)
  const nulls = nullMarks()
  let count = 0
  return {
    isList: false,
    accepts: (value) => is64Bits(value) || Number.isSafeInteger(value),
    add(value) {
      if (count === values.length) {
        values = grown(values, new BigInt64Array(count * 2))
        halves = new Int32Array(values.buffer)
      }
      if (typeof value === 'number') {
        // In two halves: a bigint for each would be an object for each.
        halves[count * 2 + LOW] = value | 0
        halves[count * 2 + HIGH] = Math.floor(value / 2 ** 32)
      } else {
        values[count] = value as bigint
      }
      count += 1
    },
    addNull() {
      nulls.mark(count)
      this.add(0n)
    },
    take(length) {
      count = 0
      return { values: values.slice(0, length), ...nulls.take(length) }
    },
  }
}

/** Which values are null; an array only once one is. */
interface NullMarks {
  mark(index: number): void
  take(length: number): { readonly nulls?: Uint8Array }
}

function nullMarks(): NullMarks {
  let nulls: Uint8Array | undefined
  return {
    mark(index) {
      nulls ??= new Uint8Array(FIRST_ROOM)
      if (index >= nulls.length) nulls = grown(nulls, new Uint8Array(index * 2))
      nulls[index] = 1
    },
    take(length) {
      const taken = nulls
      nulls = undefined
      if (taken === undefined) return {}
      return { nulls: grown(taken.subarray(0, length), new Uint8Array(length)) }
    },
  }
}

const isLittleEndian = new Int32Array(new BigInt64Array([1n]).buffer)[0] === 1
const LOW = isLittleEndian ? 0 : 1
const HIGH = 1 - LOW

/** Numbers, until one comes that only a bigint can be: then all of them are. */
export function autoBuilder(): VectorBuilder {
  let numbers = new NumberBuilder()
  let bigints: VectorBuilder | undefined
  /** Whether each of the numbers could be a bigint. */
  let exact = true
  let count = 0
  return {
    isList: false,
    accepts(value) {
      if (bigints) return bigints.accepts(value)
      return isNumber(value) || (exact && is64Bits(value))
    },
    add(value) {
      count += 1
      if (!Number.isSafeInteger(value)) exact &&= typeof value === 'bigint'
      if (bigints === undefined && typeof value === 'bigint') {
        bigints = bigintBuilder()
        const { values, nulls } = numbers.take(count - 1) as NumberVector
        for (const [i, number] of values.entries()) {
          if (nulls?.[i] === 1) bigints.addNull()
          else bigints.add(number)
        }
      }
      if (bigints) bigints.add(value)
      else numbers.add(value as number)
    },
    addNull() {
      count += 1
      if (bigints) bigints.addNull()
      else numbers.addNull()
    },
    take(length) {
      const taken = (bigints ?? numbers).take(length)
      numbers = new NumberBuilder()
      bigints = undefined
      exact = true
      count = 0
      return taken
    },
  }
}

/** For an array of values. */
export class ListBuilder implements VectorBuilder {
  readonly isList = true
  #values: unknown[] = []

  accepts(): boolean {
    return true
  }

  add(value: unknown): void {
    this.#values.push(value)
  }

  addNull(): void {
    this.#values.push(null)
  }

  take(length: number): AnyVector {
    const values = this.#values
    this.#values = []
    if (values.length > length) values.length = length
    return { values }
  }
}

function grown<A extends Float64Array | BigInt64Array | Uint8Array>(old: A, larger: A): A {
  larger.set(old as never)
  return larger
}

/** A BigInt64Array keeps the last 64 bits of any other. */
function is64Bits(value: unknown): boolean {
  return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number'
}

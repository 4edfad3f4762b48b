import type { Custom } from '@druid/core/extension'

/** The member of an open interface, or, marked by `custom({ … })`, what it does not know. */
export type OneOf<Kinds> = Kinds[keyof Kinds] | (Custom & { readonly type: string })

/** All of time, as Druid has it: also what segments of the granularity ALL are of. */
export const ETERNITY = '-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z'

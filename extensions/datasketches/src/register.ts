import { defineExtension, type Extension } from '@druid/core/extension'
import { codecs } from './codecs.ts'
import { keepSketches } from './finalize.ts'

/**
 * Sketches of the Druid extension `druid-datasketches`: columns of HLL, Theta and Quantiles sketches
 * hold `HllSketch`, `ThetaSketch` and `QuantilesSketch` objects instead of base64 text.
 *
 * @example connect(url, { extensions: [datasketches] })
 */
export const datasketches: Extension<'datasketches'> = defineExtension({
  name: 'datasketches',
  setup(context) {
    context.summary = 'DataSketches'
    for (const [nativeType, codec] of Object.entries(codecs)) context.codec(nativeType, codec)
    context.queries(keepSketches)
  },
})

export const { registerClient } = datasketches
export default datasketches

import { startDruid } from '@druid/local'
console.time('start')
const d = await startDruid({ dataDir: process.argv[2], onProgress: p => console.log(JSON.stringify(p)) })
console.timeEnd('start')
console.log(d.services)
console.time('stop')
await d.stop()
console.timeEnd('stop')

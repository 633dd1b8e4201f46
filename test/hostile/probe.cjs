// Loaded before the command: notes at its end how much memory it had at most, and for how long it was deaf at a stretch.
const { writeFileSync } = require('node:fs')
const path = process.env.PROBE_FILE
let busiestMs = 0
let last = process.cpuUsage()
// Loading the sources is no deafness: nobody speaks yet. Processor time, so that other work on the machine does not count.
setTimeout(() => {
  last = process.cpuUsage()
  setInterval(() => {
    const used = process.cpuUsage(last)
    last = process.cpuUsage()
    busiestMs = Math.max(busiestMs, (used.user + used.system) / 1000)
  }, 20).unref()
}, 200).unref()
process.once('exit', () => {
  writeFileSync(path, JSON.stringify({ peakMb: process.resourceUsage().maxRSS / 1024, busiestMs }))
})

import { appendFileSync } from 'node:fs'

// A tiny action: says what it sees, and behaves as its input `do` says.
const wanted = process.env.INPUT_DO
console.log(
  `hello ${process.env.GITHUB_EVENT_NAME} ${process.env['INPUT_TWO-WORDS'] ?? '-'} ${process.env.STATE_begun ?? '-'}`,
)
console.log('::add-mask::secret%25value')
console.log('::error file=a.yml,line=3,col=5::bad%0Athing')
console.log('::group::one')
console.log('##[endgroup]')
appendFileSync(process.env.GITHUB_OUTPUT, 'plain=1\nlong<<ghadelimiter_1\ntwo\nlines\nghadelimiter_1\n')
appendFileSync(process.env.GITHUB_STATE, 'begun=yes\n')
appendFileSync(process.env.GITHUB_STEP_SUMMARY, '# done\n')
if (wanted === 'obey') {
  process.on('SIGINT', () => process.exit(7))
  setInterval(() => {}, 1000)
}
if (wanted === 'resist') {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => console.log(`got ${signal}`))
  setInterval(() => {}, 1000)
}
if (wanted === 'fail') process.exitCode = 3
console.log('ready')

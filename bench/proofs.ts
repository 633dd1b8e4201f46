import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { Client } from 'ssh2'
import { baselineFacts } from '../src/facts/baseline'
import { bootId } from '../src/facts/boot-id'
import type { Fact } from '../src/facts/fact'
import { failedUnits } from '../src/facts/failed-units'
import { newestKernel } from '../src/facts/newest-kernel'
import { compileQuestions } from '../src/host/question'
import { packageConsistency, packageManagerId } from '../src/packages/facts'
import { STAGES } from '../src/plan/step'

const asked = (facts: readonly Fact<unknown>[]) => compileQuestions(facts.map(({ id, sh, cap }) => ({ id, sh, cap })))

/** What monitor looks at before anything changes, and what verify proves of every host, whatever its file says. */
const BASELINE = asked([...baselineFacts, packageManagerId])
const BUILT_IN = asked([failedUnits, newestKernel, bootId, packageManagerId, packageConsistency])
/** Commands of one stage that no lost connection cuts, each with its time limit. */
const HOOKS = `setsid sh -c '${Array.from({ length: 3 }, () => 'timeout -k 10 600 sh -c true').join('; ')}' </dev/null >/dev/null 2>&1`

async function logIn(port: number, username: string, privateKey: string): Promise<Client> {
  const client = new Client()
  const sock = connect({ host: '127.0.0.1', port, noDelay: true })
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject)
    client.connect({ sock, username, privateKey, hostVerifier: () => true })
  })
  return client
}

function run(client: Client, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    client.exec('sh -s', (error, channel) => {
      if (error) return reject(error)
      channel.once('close', () => resolve())
      channel.resume().stderr.resume()
      channel.end(text)
    })
  })
}

/**
 * The same 21 commands and the same proofs as Pitstop's, by bare commands over SSH: two logins, a baseline, detached
 * commands with time limits, the built-in checks. No lease, no state, no records, no journal, no report.
 */
async function host(port: number, user: string, privateKey: string): Promise<void> {
  const client = await logIn(port, user, privateKey)
  await run(client, BASELINE)
  for (const _ of STAGES) await run(client, HOOKS)
  await run(client, BUILT_IN)
  const fresh = await logIn(port, user, privateKey)
  fresh.end()
  client.end()
}

async function main([keyFile = '', user = '', ...ports]: readonly string[]): Promise<void> {
  const key = readFileSync(keyFile, 'utf8')
  await Promise.all(ports.map((port) => host(Number(port), user, key)))
}

void main(process.argv.slice(2))

import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { Client } from 'ssh2'

/** The least that can be done over SSH: one connection a host, so many commands one after the other, nothing else. */
async function host(port: number, user: string, privateKey: string, commands: number): Promise<void> {
  const client = new Client()
  const sock = connect({ host: '127.0.0.1', port, noDelay: true })
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject)
    client.connect({ sock, username: user, privateKey, hostVerifier: () => true })
  })
  for (let i = 0; i < commands; i++) {
    await new Promise<void>((resolve, reject) => {
      client.exec('true', (error, channel) => {
        if (error) return reject(error)
        channel.once('close', () => resolve())
        channel.resume().stderr.resume()
      })
    })
  }
  client.end()
}

async function main([keyFile = '', user = '', commands = '0', ...ports]: readonly string[]): Promise<void> {
  const key = readFileSync(keyFile, 'utf8')
  await Promise.all(ports.map((port) => host(Number(port), user, key, Number(commands))))
}

void main(process.argv.slice(2))

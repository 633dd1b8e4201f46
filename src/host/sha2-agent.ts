import ssh2, { type IdentityCallback, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2'

/** An ssh agent that is never asked for a SHA-1 signature (H17), which ssh2 does for servers before OpenSSH 7.2. */
export class Sha2Agent extends ssh2.BaseAgent<ParsedKey> {
  readonly #agent: ssh2.OpenSSHAgent

  constructor(socketPath: string) {
    super()
    this.#agent = new ssh2.OpenSSHAgent(socketPath)
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    this.#agent.getIdentities(callback)
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options)
    else if (options.hash === 'sha1') callback?.(new Error('the server accepts RSA keys with SHA-1 signatures only'))
    else this.#agent.sign(key, data, options, callback)
  }
}

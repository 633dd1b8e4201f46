/** What a person types to release a host: whole, as it is refused without a reason. */
export const releaseCommand = (host: string) => `node dist/cli.js release ${host} --reason TEXT`

/** The command that lets users of a host back, once it verifies. */
export const undrainCommand = (host: string) => `node dist/cli.js release ${host} --undrain --reason TEXT`

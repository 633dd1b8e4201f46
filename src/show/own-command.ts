/** What a person types to release a host: whole, as it is refused without a reason. */
export const releaseCommand = (host: string) => `node dist/cli.js release ${host} --reason TEXT`

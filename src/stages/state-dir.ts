import { dirname } from 'node:path/posix'

/** @param runDir `<state_dir>/runs/<run>` */
export const stateDirOf = (runDir: string) => dirname(dirname(runDir))

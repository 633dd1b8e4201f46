import { type Sh, sh } from '../../shell/sh'

/** Names of all that a run puts below /etc: holds of units, the dead man's unit and its link, the notice for who logs in. */
const OURS = ['90-pitstop*', 'pitstop-dead-man*']

/**
 * Where /etc is a git repository (etckeeper), files of ours are no change of it: they go again, and etckeeper may be set to
 * refuse packages while anything is uncommitted. Written to the list that git itself keeps out of the history (gitignore(5)).
 */
export const unseenByGit: Sh = sh`if [ -d /etc/.git/info ]; then for p in ${OURS}; do grep -qxF -- "$p" /etc/.git/info/exclude 2>/dev/null || printf '%s\\n' "$p" >>/etc/.git/info/exclude; done; fi`

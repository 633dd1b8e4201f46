import { quote } from '../shell/sh'

/**
 * `w FILE TEXT` writes the text and a newline. Where printf is part of the shell that costs no process; elsewhere its
 * argument would be seen by everybody and is bounded, so a here-document is used. False where the disk does not take it.
 */
export const DEFINE_WRITE = `PB=; PATH= printf '' 2>/dev/null && PB=1
w() { if [ -n "$PB" ]; then printf '%s\\n' "$2" >"$1"; else cat >"$1" <<E
$2
E
fi; }`

/** @param path a word of sh, quoted by the caller */
export function writeFile(path: string, text: string): string {
  return `w ${path} ${quote(text)}`
}

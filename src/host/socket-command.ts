import { type Sh, sh } from '../shell/sh'

/** What the command below answers on standard output once it is connected: everything before it is login noise. */
export function connectedLine(token: string): string {
  return `@${token}\n`
}

/** Exit code of `socketCommand` when the host has no tool for it; any other before `connectedLine`: not connected. */
export const NO_TOOL = 127

/**
 * A TCP connection as standard input and output of a command, for hosts whose sshd forbids forwarding. It says
 * `connectedLine(token)` only when the connection stands: a check must not take a filtered port for an open one.
 * bash connects by itself, BusyBox nc hands the socket to a program (-e); socat and other nc are asked with one empty
 * connection first. After end of input the answer has a second to come, as with socat; the command ends with the answer.
 */
export function socketCommand(host: string, port: number, token: string): Sh {
  return sh`sh -c ${SCRIPT} sh ${host} ${port} ${token}`
}

// No newline, and every `!` stands before a blank: inside single quotes sh, csh and fish then read the same text.
const BASH =
  'exec 3<>"/dev/tcp/$0/$1" 4<&0 || exit 7; echo "@$2"; cat <&3 & c=$! ; ' +
  '(cat <&4 >&3; sleep 1; kill $c) >/dev/null & b=$! ; wait $c; kill $b'
// The program that nc starts has the socket as standard input; 5 and 6 are those of the channel.
const BUSYBOX =
  'exec 2>/dev/null 3<&0; echo "@$0" >&6; cat <&3 >&6 & c=$! ; ' +
  '(cat <&5 >&3; sleep 1; kill $c) >/dev/null 6>&- & b=$! ; wait $c; kill $b'
const SCRIPT = [
  'exec 2>/dev/null; h=$1; p=$2; t=$3; has() { command -v "$1" >/dev/null; }',
  `if has bash; then exec bash -c ${inDoubleQuotes(BASH)} "$h" "$p" "$t"; fi`,
  'if has busybox && busybox nc --help 2>&1 | grep -q -e "-e PROG"; then ' +
    `exec busybox nc "$h" "$p" -e sh -c ${inDoubleQuotes(BUSYBOX)} "$t" 5<&0 6>&1; fi`,
  'case $h in *:*) s="[$h]";; *) s=$h;; esac',
  'if has socat; then socat -u /dev/null "TCP:$s:$p" || exit 7; echo "@$t"; exec socat - "TCP:$s:$p"; fi',
  'if has nc; then nc -z -w 10 "$h" "$p" || exit 7; echo "@$t"; exec nc "$h" "$p"; fi',
  'exit 127',
].join('; ')

function inDoubleQuotes(script: string): string {
  return `"${script.replace(/["$\\]/g, '\\$&')}"`
}

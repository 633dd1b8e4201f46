/**
 * Reads what a program writes about itself, from the first byte, until it is over; needs D, its folder. Standard output:
 * `rec`; standard error: `live`. The program rings at each record (a fifo that never blocks it), so the follower sleeps
 * until there is something to read, and a second process rings now and then, for live output and for a program that died.
 * Lines are read without a process of their own; from the first data frame on, which holds any bytes, by cat.
 * Exit 0: the last record was read; 66: there is no such program; 76: this end cannot be written to; else it has died.
 */
export const FOLLOW = `P= w=0 bin=
alive() { if [ -z "$P" ]; then read -r P B T <"$D/pid" || { P=; w=$((w+1)); [ "$w" -lt 250 ]; return; }; fi
  read -r _b </proc/sys/kernel/random/boot_id && [ "$_b" = "$B" ] && read -r _s <"/proc/$P/stat" && _s=\${_s##*)} && set -- $_s && [ "\${20}" = "$T" ]; }
tell() {
  if [ -s "$D/live" ]; then cat <&4 >&2 || exit 76; fi
  while [ -z "$bin" ]; do
    IFS= read -r l <&3 || { [ -z "$l" ] || printf %s "$l" || exit 76; return 0; }
    echo "$l" || exit 76
    case $l in data\\ *) bin=1;; esac
  done
  cat <&3 || exit 76
}
exec 3<"$D/rec" 4<"$D/live" || exit 66
bell=\${D%/*}/bell
if [ -p "$bell" ]; then
  exec 7<>"$bell"
  ( while sleep 0.2; do kill -0 $$ || exit; echo >&7; done ) </dev/null >/dev/null 2>&1 3<&- 4<&- &
  K=$!
  await() { read -r _ <&7; }
else
  K=
  await() { sleep 0.1; }
fi
while ! [ -e "$D/done" ]; do
  tell
  alive 2>/dev/null || break
  await
done
tell
[ -z "$K" ] || kill "$K" 2>/dev/null
[ -e "$D/done" ]`

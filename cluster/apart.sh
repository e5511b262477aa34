#!/usr/bin/env bash
# Runs a command as on a machine of its own: `apart.sh HIDDEN KEPT COMMAND...`, both lists separated by `:`. The caller starts it by
# `unshare --mount --pid --fork --mount-proc`. Hidden folders are empty for the command, except for the kept folders in them.
# Ends when its stdin closes, and everything that the command started ends with it, because this process is the first of its namespace.
set -euo pipefail
IFS=: read -ra hidden <<<"$1"
IFS=: read -ra kept <<<"$2"
shift 2
mount -t tmpfs kept /mnt
for i in "${!kept[@]}"; do
  mkdir "/mnt/$i"
  mount --bind "${kept[i]}" "/mnt/$i"
done
for folder in "${hidden[@]}"; do
  mkdir -p "$folder"
  mount -t tmpfs hidden "$folder"
done
for i in "${!kept[@]}"; do
  mkdir -p "${kept[i]}"
  mount --bind "/mnt/$i" "${kept[i]}"
done
umount --recursive --lazy /mnt
cd /
exec 3<&0
"$@" </dev/null &
cat <&3 >/dev/null &
wait -n

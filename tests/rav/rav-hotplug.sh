# shellcheck shell=bash disable=SC2154 # sourced by tests/policy/run-rav, whose names these are
# The hotplug scripts of dom0's image, with everything they call played (so not by busybox, which takes its own before the path's): whatever is not a clear
# and timely yes attaches nothing, says why in one line in the xenstore and in the log, and is a failure. A "store" is a directory of files.

played=$tmp/hotplug
mkdir -p "$played/bin" "$played/store/backend/vif/7/0" "$played/store/backend/vbd/7/51712" "$played/sys"
play() { printf '#!/bin/sh\n%s\n' "$2" >"$played/bin/$1" && chmod 755 "$played/bin/$1"; }
play xenstore-read 'cat "$STORE/$1" 2>/dev/null'
play xenstore-write 'while [ $# -gt 0 ]; do echo "$2" >"$STORE/$1"; shift 2; done'
play brctl 'echo "brctl $*" >>"$CALLS"; [ ! -e "$STORE/../no-brctl" ]'
play ifconfig 'echo "ifconfig $*" >>"$CALLS"'
play losetup 'case $1 in -f) echo "$LOOP" ;; -d) echo "losetup $*" >>"$CALLS" ;; *) echo "losetup $* $(readlink /proc/self/fd/3)" >>"$CALLS"; [ ! -e "$STORE/../no-loop" ] ;; esac'
play rav 'echo "rav $*" >>"$CALLS"; eval "$RAV_DOES"'
cp dom0-lockdown/scripts/* "$played/bin"
sed -i "s|/sys/class/net|$played/sys|" "$played/bin/vif-ravelin"
mkdir -p "$played/sys/br_a/bridge"
echo disk >"$played/disk.img"
echo loop >"$played/loop7"

# hotplug KIND ACTION WHAT-RAV-DOES: status, calls and the store are left to look at
hotplug() {
	local backend=backend/vif/7/0 script=vif-ravelin
	[ "$1" = vif ] || backend=backend/vbd/7/51712 script=block-ravelin
	rm -f "$played/calls" "$played/log" "$played/store/$backend"/hotplug-* "$played/store/$backend"/physical-*
	: >"$played/calls"
	env PATH="$played/bin:$PATH" STORE="$played/store" CALLS="$played/calls" LOOP="$played/loop7" RAV_DOES="$3" XENBUS_PATH=$backend vif=vif7.0 \
		RAVELIN_HOTPLUG_LOG="$played/log" RAVELIN_HOTPLUG_TIMEOUT=1 sh "$played/bin/$script" "$2" >"$played/out" 2>&1
	status=$?
	entry=$played/store/$backend
}
refused() { # TEXT KIND WHAT-RAV-DOES
	hotplug "$2" "$([ "$2" = vif ] && echo online || echo add)" "$3"
	if [ "$status" -eq 1 ] && [ "$(wc -l <"$entry/hotplug-error")" -eq 1 ] && grep -q -e "$1" "$entry/hotplug-error" && grep -q -e "$1" "$played/log" &&
		grep -qx error "$entry/hotplug-status" && ! grep -q '^brctl\|^losetup' "$played/calls" && [ ! -e "$entry/physical-device" ]
	then pass; else fail "$2 is not refused with '$1': status $status" "$(cat "$entry"/hotplug-* "$played/calls" "$played/out")"; fi
}

echo br_a >"$played/store/backend/vif/7/0/bridge"
echo "$played/disk.img" >"$played/store/backend/vbd/7/51712/params"
echo w >"$played/store/backend/vbd/7/51712/mode"
for kind in vif vbd; do
	refused 'refused: no type in common' $kind 'echo "no type in common"; exit 1'
	refused 'refused: rav shype may-attach: no store' $kind 'echo "rav shype may-attach: no store" >&2; echo "  try: something" >&2; exit 3'
	refused 'refused: which?' $kind 'echo "which?"; exit 2'
	refused 'refused: no answer' $kind 'exit 1'
	refused 'no answer within 1 seconds' $kind 'exec sleep 5'
	refused 'not a whole one' $kind 'echo yes; kill -SEGV $$'
	refused 'not a whole one' $kind 'echo yes; exit 127'
done

for script_file in "$played"/bin/*ravelin*; do busybox sh -n "$script_file" && pass || fail "$script_file"; done
hotplug vif online 'echo yes'
[ "$status" -eq 0 ] && grep -q '^brctl addif br_a vif7.0$' "$played/calls" && grep -qx connected "$entry/hotplug-status" && pass || fail "a vif that may" "$(cat "$played/calls" "$played/out")"
grep -q -e '--domain 7 --claim backend/vif/7/0 --bridge br_a$' "$played/calls" && pass || fail "what is asked about a vif" "$(cat "$played/calls")"
hotplug vif offline 'exit 1'
[ "$status" -eq 0 ] && ! grep -q '^rav' "$played/calls" && pass || fail "a vif that goes" "$(cat "$played/calls")"
: >"$played/no-brctl"
hotplug vif online 'echo yes'
[ "$status" -eq 1 ] && grep -qx error "$entry/hotplug-status" && pass || fail "a vif that cannot join"
rm "$played/no-brctl"
echo br_b >"$played/store/backend/vif/7/0/bridge"
refused 'there is no bridge br_b' vif 'echo yes'
rm "$played/store/backend/vif/7/0/bridge"
refused 'the xenstore does not tell bridge' vif 'echo yes'

hotplug vbd add 'echo yes'
[ "$status" -eq 0 ] && grep -qx connected "$entry/hotplug-status" && [ -s "$entry/physical-device" ] && grep -qx "$played/loop7" "$entry/node" && pass ||
	fail "a disk that may" "$(cat "$played/calls" "$played/out" "$entry"/*)"
grep -q -e "^losetup $played/loop7 /proc/self/fd/3 $played/disk.img$" "$played/calls" && pass || fail "the loop device" "$(cat "$played/calls")"
grep -q -e '--domain 7 --claim backend/vbd/7/51712 --disk /proc/self/fd/3$' "$played/calls" && pass || fail "what is asked about a disk" "$(cat "$played/calls")"
hotplug vbd remove 'exit 1'
[ "$status" -eq 0 ] && grep -q "^losetup -d $played/loop7$" "$played/calls" && pass || fail "a disk that goes" "$(cat "$played/calls" "$played/out")"
# What was asked about is attached, though the path has come to mean something else.
hotplug vbd add "mv $played/disk.img $played/asked.img; echo evil >$played/disk.img; echo yes"
grep -q -e "fd/3 $played/asked.img$" "$played/calls" && pass || fail "a disk that is replaced meanwhile" "$(cat "$played/calls" "$played/out")"
echo r >"$played/store/backend/vbd/7/51712/mode"
hotplug vbd add 'echo yes'
grep -q -e '--read-only$' "$played/calls" && grep -q '^losetup -r ' "$played/calls" && pass || fail "a disk that is only read" "$(cat "$played/calls")"
: >"$played/no-loop"
hotplug vbd add 'echo yes'
[ "$status" -eq 1 ] && [ ! -e "$entry/physical-device" ] && grep -q 'no loop device' "$entry/hotplug-error" && pass || fail "no loop device"
echo x >"$played/store/backend/vbd/7/51712/mode"
refused "mode 'x' is neither" vbd 'echo yes'
echo w >"$played/store/backend/vbd/7/51712/mode"
echo "$played/none" >"$played/store/backend/vbd/7/51712/params"
refused 'neither a block device nor a file' vbd 'echo yes'
rm "$played/store/backend/vbd/7/51712/params"
refused 'does not tell params' vbd 'echo yes'
rm "$played/bin/rav"
echo "$played/disk.img" >"$played/store/backend/vbd/7/51712/params"
hotplug vbd add ''
[ "$status" -eq 1 ] && grep -q '^refused: ' "$entry/hotplug-error" && pass || fail "without rav" "$(cat "$played/out")"

# shellcheck shell=bash disable=SC2154 # sourced by tests/policy/run-rav, whose names these are
# docs/POLICY-GUIDE.md, run: a block ```LANG NAME is the file NAME; in a block ```sh, each "$ command" is run in a directory that has policy/, build/policy and
# those files, and every line that follows must be in its output ("…" stands for anything). A command whose last line is "(status N)" ends with N.
# `rav policy load` has no hypervisor here and becomes a dry run; tests/boot/policy.boot loads for real.

guide=docs/POLICY-GUIDE.md dir=$tmp/guide commands=0
mkdir -p "$dir/bin" "$dir/build"
ln -s "$PWD/policy" "$dir/policy"
ln -s "$PWD/$policy" "$dir/build/policy"
cat >"$dir/bin/rav" <<WRAPPER
#!/usr/bin/env bash
if [ "\${1-} \${2-}" = "policy load" ]; then shift 2; set -- policy load -n "\$@"; fi
exec "$rav" "\$@"
WRAPPER
chmod +x "$dir/bin/rav"

command='' expected=()
guide_run() {
	local out status want=0 line pattern
	[ -n "$command" ] || return 0
	out=$(cd "$dir" && PATH=$dir/bin:$PATH timeout 60 bash -c "$command" 2>&1)
	status=$?
	commands=$((commands + 1))
	if [ ${#expected[@]} -gt 0 ] && [[ ${expected[-1]} =~ ^\(status\ ([0-9]+)\)$ ]]; then want=${BASH_REMATCH[1]}; unset 'expected[-1]'; fi
	if [ "$status" -ne "$want" ]; then fail "$guide: '$command': status $status, the guide says $want" "$out"; command=''; return; fi
	for line in "${expected[@]}"; do
		[ -n "${line// /}" ] && [ "$line" != … ] || continue
		pattern=$(sed 's/[][\.*^$/]/\\&/g; s/…/.*/g' <<<"$line")
		grep -q -e "^$pattern\$" <<<"$out" || { fail "$guide: '$command' does not print: $line" "$out"; command=''; return; }
	done
	pass
	command=''
}

block='' name=''
while IFS= read -r line; do
	if [[ $line == '```'* ]]; then
		guide_run
		if [ -n "$block" ]; then block=''
		else
			read -r block name <<<"${line#'```'}"
			block=${block:-text}
			[ -z "$name" ] || : >"$dir/$name"
		fi
	elif [ -n "$block" ] && [ -n "$name" ]; then printf '%s\n' "$line" >>"$dir/$name"
	elif [ "$block" = sh ] && [[ $line == '$ '* ]]; then
		guide_run
		command=${line#'$ '} expected=()
	elif [ "$block" = sh ]; then expected+=("$line")
	fi
done <"$guide"
[ "$commands" -ge 15 ] && pass || fail "$guide: only $commands commands were run"

# shellcheck shell=bash disable=SC2154 # sourced by tests/policy/run-rav, whose names these are
# tools/rav/completion.bash, asked as bash asks it.

complete_words() { # the words typed; the last is being completed
	COMP_WORDS=("$rav" "$@") COMP_CWORD=$# COMPREPLY=()
	_rav
	printf '%s\n' "${COMPREPLY[@]}"
}

. tools/rav/completion.bash
offers() { # word that must be offered -- words typed
	local want=$1 got
	shift 2
	got=$(complete_words "$@")
	grep -qx -e "$want" <<<"$got" && pass || fail "completion of '$*' lacks '$want'" "$got"
}
offers policy -- p
offers label -- ''
offers explain -- policy ex
offers set -- label ''
offers --fallback -- policy show --f
offers --policy -- policy query --
offers -o -- policy build -
offers svg -- policy graph -f s
offers memory -- policy graph --means ''
[ -z "$(complete_words policy show '')" ] && pass || fail "file names are not left to bash"

# Every verb has a page, and the page every option.
for noun in policy label shype; do
	page=tools/rav/rav-$noun.8
	for verb in $("$rav" --help | awk -v noun=$noun '$1 == "rav" && $2 == noun { print $3 }'); do
		escaped=$(sed 's/-/\\\\-/g' <<<"$verb")
		grep -qE "^\.(SS|TP|B|BR|BI|IR) .*\b$escaped\b|^\.B rav $noun $escaped" "$page" && pass || fail "$page lacks $verb"
		for option in $("$rav" "$noun" "$verb" --help | grep -oE -- '--[a-z][a-z-]+' | sort -u); do
			grep -q -e "$(sed 's/-/\\\\-/g' <<<"$option")" "$page" && pass || fail "$page lacks $option of $verb"
		done
	done
	MANWIDTH=100 man --warnings -E UTF-8 -l "$page" >/dev/null 2>"$tmp/man" || true
	[ ! -s "$tmp/man" ] && pass || fail "$page" "$(cat "$tmp/man")"
done

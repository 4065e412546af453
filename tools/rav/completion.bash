# SPDX-License-Identifier: Apache-2.0
# Completion of rav for bash: nouns, verbs and options as `rav --help` lists them, so that nothing has to be kept in step; else file names.
# Installed as /usr/share/bash-completion/completions/rav, or sourced.

_rav() {
	local rav=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
	local noun=${COMP_WORDS[1]-} verb=${COMP_WORDS[2]-} words
	case $COMP_CWORD in
	1) words=$("$rav" --help 2>/dev/null | awk '$1 == "rav" { print $2 }' | sort -u) ;;
	2) words=$("$rav" --help 2>/dev/null | awk -v noun="$noun" '$1 == "rav" && $2 == noun { print $3 }') ;;
	*)
		case $noun.$verb.$before in
		policy.graph.-f | policy.graph.--format) words="dot svg text json" ;;
		policy.graph.-m | policy.graph.--means) words="policy machine memory control device grant event message observe" ;;
		label.show.show | label.set.set) words=$("$rav" label list 2>/dev/null | awk '{ print $1; if ($2 != "-") print $2 }') ;;
		*)
			[[ $word == -* ]] || return 0
			words=$("$rav" "$noun" "$verb" --help 2>/dev/null | grep -oE -- '(^|[ [])--?[a-z][a-z-]*' | tr -d ' [' | sort -u)
			;;
		esac
		;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -o default -F _rav rav

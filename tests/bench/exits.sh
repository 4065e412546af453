#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: exits from guests by cause, for each step of one boot and one guest's life; counted outside of both hypervisors, where QEMU carries out #VMEXIT.
#   (Ravelin counts them, too, and prints a vCPU's counts when it goes, under loglvl=debug. Debian's Xen is built without performance counters.)
# Locking: one machine at a time.
# Trust boundary: a measurement, no assertion.
# Usage: exits.sh BUILD QEMU-RAVELIN QEMU-XEN MODULES CONSOLE; writes BUILD/bench/exits.tsv. Xen's dom0 is PVH here: a PV one has no exits
#   to count. One processor: with two, domain 0 on Xen seldom lives to the end (below).
set -eu
build=$1 modules=$4 console=$5
out=$build/bench
mkdir -p "$out"

# once NAME QEMU...
once()
{
	name=$1
	shift
	rm -f "$out/$name.vmexits" "$out/$name.marks" "$out/exits.fifo"
	mkfifo "$out/exits.fifo"
	grep --line-buffered -oa 'vmexit([0-9a-f]*' < "$out/exits.fifo" > "$out/$name.vmexits" &
	reader=$!
	printf '#!/bin/sh\necho "$1 $(wc -l < %s)" >> %s\n' "$out/$name.vmexits" "$out/$name.marks" > "$out/exits.mark"
	chmod +x "$out/exits.mark"
	"$build/drive" -D LOG="$out/$name.exits.log" -D MODULES="$modules" -D MARK="$out/exits.mark" \
		-D QEMU="$* -d in_asm -D $out/exits.fifo" tests/bench/exits.boot > "$out/$name.exits.out" || { kill $reader 2> /dev/null; wait $reader; return 1; }
	wait $reader
	rm -f "$out/exits.fifo"
}

# count NAME QEMU...; QEMU 7.2 now and then delivers an interrupt that Xen injects twice, which ends domain 0: five tries
count()
{
	tries=5
	until once "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { cat "$out/$1.exits.out"; exit 1; }
	done
	awk '
		FNR == NR { step[NR] = $1; upto[NR] = $2; n = NR; next }
		{ while (at < n && FNR > upto[at + 1]) at++; code = $0; sub(/.*\(/, "", code); if (at < n) seen[step[at + 1] " " code]++ }
		END { for (k in seen) print k, seen[k] }' "$out/$1.marks" "$out/$1.vmexits" > "$out/$1.exits"
}

cause()
{
	case $1 in
	000000[01]?) echo "control registers" ;;
	0000006[0-4]) echo "interrupts of the host" ;;
	00000072) echo CPUID ;;
	00000078) echo HLT ;;
	0000007b) echo "ports" ;;
	0000007c) echo "MSRs" ;;
	0000006e) echo RDTSC ;;
	00000077) echo PAUSE ;;
	00000081) echo hypercalls ;;
	00000400) echo "nested page faults" ;;
	*) echo others ;;
	esac
}

count ravelin "$2 -smp 1 -kernel $build/ravelin -append '$console'"
count xen "$3 -smp 1 -kernel $build/debian-xen -append '$console max_cstate=0 dom0=pvh'"
for name in xen ravelin; do
	while read -r step code n; do
		echo "$name|$step|$(cause "$code")|$n"
	done < "$out/$name.exits"
done | awk -F'|' '
	$2 != "-" { n[$1, $2, $3] += $4; all[$1, $2] += $4 }
	END {
		split("boot create userspace destroy", steps, " ")
		causes = split("hypercalls|nested page faults|interrupts of the host|HLT|CPUID|MSRs|ports|RDTSC|PAUSE|control registers|others", cause, "|")
		text["boot"] = "boot to dom0\047s prompt"; text["create"] = "xl create"; text["userspace"] = "to user space"; text["destroy"] = "xl destroy"
		for (i = 1; i <= 4; i++) {
			s = steps[i]
			printf "exits\t%s: all\texits\t-\t%d\t-\t%d\t-\t-\n", text[s], all["xen", s], all["ravelin", s]
			for (j = 1; j <= causes; j++) {
				c = cause[j]
				if (n["xen", s, c] + n["ravelin", s, c] > 0)
					printf "exits\t%s: %s\texits\t-\t%d\t-\t%d\t-\t-\n", text[s], c, n["xen", s, c], n["ravelin", s, c]
			}
		}
	}' > "$out/exits.tsv"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Purpose: instructions of single operations as rows of the report: Xen's raw, Xen's without the decoding of instruction lengths, ours.
# Locking: none. Trust boundary: a measurement, no assertion.
# Usage: costs.sh BUILD DECODER-TABLE; of what guest.sh measured; writes BUILD/bench/operations.tsv
set -eu
out=$1/bench table=$2
awk '
	BEGIN {
		text["hypercall"] = "null hypercall (xen_version)";		target["hypercall"] = 250
		text["unknown-hypercall"] = "unknown hypercall";		target["unknown-hypercall"] = 250
		text["cpuid"] = "CPUID";					target["cpuid"] = 250
		text["rdmsr"] = "RDMSR of APIC_BASE"
		text["out"] = "OUT to a port nobody has"
		text["vcpu-op"] = "vcpu_op: is_up"
		text["yield"] = "yield";					target["yield"] = 900
		text["event-send"] = "event send to itself, masked"
		text["event-send-upcall"] = "event send to itself, with upcall"
		text["event-send-other"] = "event send to another domain";	target["event-send-other"] = 600
		text["event-round-trip"] = "event to a sleeping domain and back"
		text["bind-close"] = "channel bind and close, own"
		text["bind-close-other"] = "channel bind and close, to another domain"
		text["grant-map-unmap"] = "grant map and unmap, own page"
		text["grant-map-unmap-32"] = "32 grants map and unmap, own pages"
		text["grant-map-unmap-other"] = "grant map and unmap";		target["grant-map-unmap-other"] = 1800
		text["grant-map-unmap-32-other"] = "32 grants map and unmap";	target["grant-map-unmap-32-other"] = 21600
		text["grant-copy-64"] = "grant copy of 64 B, own"
		text["grant-copy-4096"] = "grant copy of 4 KiB, own"
		text["grant-copy-64-other"] = "grant copy of 64 B";		target["grant-copy-64-other"] = 900
		text["grant-copy-4096-other"] = "grant copy of 4 KiB";		target["grant-copy-4096-other"] = 1412
		text["balloon"] = "balloon one page out and in";		target["balloon"] = 2500
		text["getdomaininfo"] = "getdomaininfo as dom0";		target["getdomaininfo"] = 900
		text["denied"] = "a denied operation, its audit record"
	}
	/^#/ { next }
	FILENAME == ARGV[1] { decoder[$1] = $3; next }
	FILENAME == ARGV[2] { xen[$1] = $2; next }
	{
		corrected = ($1 in xen) ? xen[$1] - decoder[$1] : "-"
		printf "operations\t%s\tinstructions\t%s\t%s\t-\t%s\t-\t%s\n", ($1 in text) ? text[$1] : $1,
			($1 in target) ? target[$1] : "-", corrected, $2, ($1 in xen) ? xen[$1] : "-"
	}' "$table" "$out/xen.costs" "$out/ravelin.costs" > "$out/operations.tsv"

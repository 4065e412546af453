# Two denials become rules through Debian's audit2allow; with the old policy loaded again they are denials again.

upload ${POLICY} /tmp/policy.default

step forbidden: dom0's root maps a running guest's memory
  fails dom0map ${A1} 0x100
  match dom0map: refused: .* \((1|13)\)
  dmesg
  avc scontext=${DOM0} tcontext=${A} tclass=mmu perm=map_read
step mended: audit2allow makes the rule, the policy with it is loaded, the page is mapped
  host rm -f ${OUT}.cil; tests/boot/mend.sh ${POLICY} ${OUT} ${POLICY_CIL}
  show audit2allow:
  upload ${OUT} /tmp/policy.mended
  run xl loadpolicy /tmp/policy.mended
  run dom0map ${A1} 0x100
  match dom0map: mapped
step forbidden again: the old policy is loaded
  run xl loadpolicy /tmp/policy.default
  fails dom0map ${A1} 0x100
  dmesg
  avc scontext=${DOM0} tcontext=${A} tclass=mmu perm=map_read

step forbidden: a guest asks for the state of a domain of its tenant
  guest a1 hostile ${A2} getdomaininfo
  match hostile: getdomaininfo: .* \((1|13)\)
  dmesg
  avc scontext=${A} tclass=interface perm=domctl
step mended: first the interface ...
  host rm -f ${OUT}.cil; tests/boot/mend.sh ${POLICY} ${OUT} ${POLICY_CIL}
  show audit2allow:
  upload ${OUT} /tmp/policy.mended
  run xl loadpolicy /tmp/policy.mended
  guest a1 hostile ${A2} getdomaininfo
  match hostile: getdomaininfo: .* \((1|13)\)
  dmesg
  avc scontext=${A} tcontext=${A} tclass=domain perm=getdomaininfo
step mended: ... then the operation; other tenants stay out of reach
  host tests/boot/mend.sh ${POLICY} ${OUT} ${POLICY_CIL}
  show audit2allow:
  upload ${OUT} /tmp/policy.mended
  run xl loadpolicy /tmp/policy.mended
  guest a1 hostile ${A2} getdomaininfo
  match hostile: getdomaininfo: done
  guest a1 hostile ${B1} getdomaininfo
  match hostile: getdomaininfo: .* \((1|3|13)\)
step forbidden again: the old policy is loaded
  run xl loadpolicy /tmp/policy.default
  guest a1 hostile ${A2} getdomaininfo
  match hostile: getdomaininfo: .* \((1|13)\)

step not to be mended: an invariant of the policy holds against audit2allow
  guest a1 hostile ${A2} physinfo
  dmesg
  avc scontext=${A} tclass=interface perm=sysctl
  host rm -f ${OUT}.cil; tests/boot/mend.sh ${POLICY} ${OUT} ${POLICY_CIL}
  upload ${OUT} /tmp/policy.mended
  run xl loadpolicy /tmp/policy.mended
  guest a1 hostile ${A2} physinfo
  match hostile: physinfo: .* \((1|13)\)
  dmesg
  avc scontext=${A} tclass=xen perm=physinfo
  host if tests/boot/mend.sh ${POLICY} ${OUT} ${POLICY_CIL}; then exit 1; fi
  match neverallow check failed
  run xl loadpolicy /tmp/policy.default

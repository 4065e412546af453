# What the policy forbids fails with the ABI's status and leaves a denial whose fields say who, whom and what.

step forbidden: a1 and b1, two tenants, cannot share a page or a channel
  guest-start a1 peer server ${B1} hello-from-a1
  guest b1 peer client ${A1} hello-from-b1
  match peer: map refused:
  nomatch peer: received
  dmesg
  avc scontext=${B} tcontext=${A} tclass=grant
  avc tclass=event
step forbidden: a guest's domctl (pause another domain)
  guest a1 hostile ${A2} pausedomain
  match hostile: pausedomain: .* \((1|13)\)
  dmesg
  avc scontext=${A} tclass=interface perm=domctl
step forbidden: a guest's domctl (destroy another tenant's domain)
  guest a1 hostile ${B1} destroydomain
  match hostile: destroydomain: .* \((1|13)\)
  dmesg
  avc scontext=${A} tclass=interface perm=domctl
step forbidden: a guest's sysctl (physinfo)
  guest a1 hostile ${A2} physinfo
  match hostile: physinfo: .* \((1|13)\)
  dmesg
  avc scontext=${A} tclass=interface perm=sysctl
step forbidden: a guest maps another domain's memory
  guest a1 hostile ${A2} foreign_map
  match hostile: foreign_map: .* \((1|13|3)\)
  dmesg
  avc scontext=${A} tcontext=${A} tclass=mmu
step forbidden: a guest loads a policy
  guest a1 hostile ${A2} loadpolicy
  match hostile: loadpolicy: .* \((1|13)\)
  dmesg
  avc scontext=${A} tclass=interface perm=xsm_op
step forbidden: a guest maps the xenstore ring that another tenant's domain granted to dom0
  guest b1 hostile ${A1} grant_map
  match hostile: grant_map: .* \((1|13)\)
  dmesg
  avc scontext=${B} tcontext=${A} tclass=grant
step forbidden: dom0 creates a domain with the label of xenstore's domain
  fails xl create -q /guest/plain.cfg 'seclabel="system_u:system_r:xenstore_t:s0"'
  dmesg
  avc scontext=${DOM0} tcontext=system_u:system_r:xenstore_t:s0 tclass=domain perm=create
  run xl list
  nomatch ^plain

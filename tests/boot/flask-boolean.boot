# A boolean of the policy turns rules off and on without another policy: what exists follows at once.

step a boolean of the policy: Debian's flask-get-bool sees it on
  run flask-get-bool pair_exchange
  match pair_exchange: 1
step cut: flask-set-bool turns it off under a stream
  guest-start p1 peer server ${P2} hello-from-p1 stream
  until [ $(grep -c "peer: serving" ${LOGS}/guest-p1.log) = 5 ]
  guest-start p2 peer client ${P1} hello-from-p2 stream
  run grep -c "peer: stream received" ${LOGS}/guest-p2.log
  let LINES ^([0-9]+)
  until [ $(grep -c "peer: stream received" ${LOGS}/guest-p2.log) -ge $((${LINES} + 4)) ]
  dmesg
  run flask-set-bool pair_exchange 0
  run flask-get-bool pair_exchange
  match pair_exchange: 0
  until [ $(grep -c "peer: stream cut" ${LOGS}/guest-p2.log) = 2 ] && [ $(grep -c "peer: stream cut" ${LOGS}/guest-p1.log) = 2 ]
  run grep "peer: stream cut" ${LOGS}/guest-p2.log | tail -n 1
  show p2
  run sleep 2; grep -c "peer: after the cut: 0 events, no byte" ${LOGS}/guest-p2.log
  match ^2$
step denied, then allowed: the same exchange with the boolean off and on
  guest-start p1 peer server ${P2} hello-off
  guest p2 peer client ${P1} hello-back
  match peer: map refused:
  nomatch peer: received
  dmesg
  avc scontext=${PAIR} tcontext=${PAIR} tclass=grant perm=map_read
  run flask-set-bool pair_exchange 1
  guest-start p1 peer server ${P2} hello-on
  guest p2 peer client ${P1} hello-back
  match received 16000 bytes sum=[0-9a-f]+ text=hello-on
step enforcing: xl getenforce says so, xl setenforce 0 is denied, and denied it stays
  try xl getenforce
  match Enforcing
  fails xl setenforce 0
  dmesg
  avc tclass=security perm=setenforce
  try xl getenforce
  match Enforcing

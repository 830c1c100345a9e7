#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# cc1, gcc's compiler proper, compiles a generated C file: from its first instruction on, so with
# the relocation of its image and the construction of its built-in types. It is told to collect
# garbage at every opportunity. Run in an empty folder; $1 is cowalk, $2 the trace to write.
set -eu
cowalk=$1
out=$2

awk -v n=12 'BEGIN {
  print "typedef unsigned long u; struct s { u a[16]; int k; struct s *next; };";
  for (f = 0; f < n; f++) {
    printf "u f%d(struct s *p, u x, int n) {\n", f;
    printf "  u t = x * %dul + %d; struct s *q = p;\n", f * 7919 + 13, f;
    for (l = 0; l < 4; l++) {
      printf "  for (int i = 0; i < n; i++) {\n";
      printf "    t ^= p->a[(i + %d) & 15] << %d;\n", l + f % 5, (f + l) % 13;
      printf "    if (t & %d) p->a[i & 15] += t %% %d;\n  }\n", 2 ^ (l + 1), f % 97 + 3;
      printf "  while (q && q->k != %d) {\n", f + l;
      printf "    t += q->a[%d] * (u)q->k;\n    q = q->next;\n  }\n", (f + l) % 16;
    }
    print "  switch (n & 7) {";
    for (c = 0; c < 6; c++)
      printf "  case %d: t = t * %d + p->a[%d]; break;\n", c, f + c + 3, (f * c) % 16;
    printf "  default: t -= %s; }\n  return t;\n}\n", (f ? sprintf("f%d(p, t, n - 1)", f - 1) : "n");
  }
}' >program.c

"$cowalk" trace record --name gcc --take 16000000 -o "$out" -- \
  "$(gcc -print-prog-name=cc1)" -quiet -O1 --param ggc-min-expand=0 --param ggc-min-heapsize=0 \
  program.c -o /dev/null

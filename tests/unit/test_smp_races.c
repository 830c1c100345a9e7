// SPDX-License-Identifier: Apache-2.0
// Races for the A and D bits of one descriptor: two MMUs and an operating system, at every distance
// in cycles, for three memory latencies, three architectures and three backends. What may come out
// is taken from the manuals:
//   x86    SDM vol. 3, "Accessed and Dirty Flags" (4.8); "Automatic Locking" (the processor sets
//          them by locked read-modify-write); "Optional Invalidation" (4.10.4.3: a flag cleared
//          without invalidation may stay clear)
//   Arm    Arm ARM, "Hardware management of the Access flag" and "... of dirty state" (FEAT_HAFDBS:
//          the update is atomic and conditional on the descriptor it was judged by); "TLB
//          maintenance instructions", completion by DSB
//   RISC-V privileged spec, "Virtual Address Translation Process" (compare and set A and D
//          atomically, on a mismatch begin again), Svadu, SFENCE.VMA
#include "tests/unit/smp_outcomes.h"

static void steps(struct smp *w, unsigned n) {
  for (unsigned i = 0; i < n; i++)
    smp_step(w);
}

/* ---- (a) the OS clears A while a store's walk sets D ---- */

static void os_clears_accessed(struct smp *w) {
  unsigned long before[OUTCOMES];
  unsigned last = smp_walk_cycles(w) + 4;
  snapshot(before);
  for (unsigned at = 0; at <= last; at++, interleavings++) {
    smp_begin(w, at, smp_leaf(w, OLD_PA, CLEAN));
    uint64_t lost = smp_lost(w);
    smp_ask(w, 1, MMU_WRITE);
    steps(w, at);
    uint64_t old = smp_exchange(w, format_a(w->f), 0);
    smp_settle(w);
    uint64_t end = smp_peek(w);
    lost = smp_lost(w) - lost;
    smp_check(w, smp_ok(w, 1, OLD_PA), "the store");
    smp_check(w, smp_dirty(w, end), "D is lost");
    smp_check(w, smp_young(w, old), "A was never set");
    if (smp_dirty(w, old)) { /* the store's update came first: then the OS has the last word */
      smp_check(w, lost == 0 && !smp_young(w, end), "the OS's update is lost");
      seen(2);
    } else { /* it came after, or lost against the OS and judged again: either way it sets both */
      smp_check(w, lost <= 1 && smp_young(w, end), "a walk used a descriptor without A");
      seen(lost != 0);
    }
  }
  all_seen(w, before);
}

static void a_os_clears_accessed(void **state) {
  (void)state;
  outcomes("OS before the walk's read", "the walk's swap lost, and judged again",
           "OS after the walk's swap", NULL);
  smp_each(os_clears_accessed);
  print_outcomes("OS clears A, a store sets D");
}

/* ---- (a) the OS takes the right to write away, keeping D, while a store sets D ---- */

static void os_protects(struct smp *w) {
  unsigned long before[OUTCOMES];
  unsigned last = smp_walk_cycles(w) + 4;
  uint64_t writable = smp_leaf(w, OLD_PA, CLEAN);
  uint64_t clear = writable & ~smp_leaf(w, OLD_PA, CLEAN & ~PAGE_W);
  /* Arm: the dirty bit AP[2] is the right to write itself; the OS notes it elsewhere */
  uint64_t set = w->f->arch == MMU_ARCH_ARM ? format_d(w->f) : 0;
  snapshot(before);
  for (unsigned n = 0; n <= 2 * last + 1; n++, interleavings++) {
    unsigned at = n / 2;
    smp_begin(w, at, writable);
    uint64_t lost = smp_lost(w);
    smp_ask(w, 1, MMU_WRITE);
    steps(w, at);
    uint64_t old = smp_exchange(w, clear, set);
    if (n % 2 != 0) steps(w, last); /* else the walk is overtaken before it can lose */
    smp_shootdown(w);
    smp_settle(w);
    lost = smp_lost(w) - lost;
    uint64_t end = smp_peek(w);
    smp_check(w, end == ((old & ~clear) | set),
              "the OS's update is lost, or a refused store's mark");
    if (smp_ok(w, 1, OLD_PA)) {
      smp_check(w, smp_dirty(w, old), "D is lost");
      seen(2);
    } else {
      smp_check(w, smp_faults(w, 1, MMU_CAUSE_PERMISSION), "neither stored nor refused");
      seen(lost != 0);
    }
    /* the shootdown has returned: no store any more, on either CPU */
    for (int cpu = 0; cpu < SMP_CPUS; cpu++) {
      smp_access(w, cpu, MMU_WRITE);
      smp_check(w, smp_faults(w, cpu, MMU_CAUSE_PERMISSION), "cpu %d stores after it", cpu);
    }
    smp_check(w, smp_peek(w) == end, "a refused store left a mark");
  }
  all_seen(w, before);
}

static void a_os_protects(void **state) {
  (void)state;
  outcomes("refused", "refused after a lost swap", "stored first, D seen by the OS", NULL);
  smp_each(os_protects);
  print_outcomes("OS write-protects, a store sets D");
}

/* ---- (b) two CPUs set A, and A and D, of one descriptor ---- */

static void two_cpus(struct smp *w) {
  static const enum mmu_access_kind kinds[][2] = {
      {MMU_READ, MMU_WRITE}, {MMU_WRITE, MMU_READ}, {MMU_WRITE, MMU_WRITE}, {MMU_READ, MMU_READ}};
  unsigned long before[OUTCOMES];
  unsigned last = smp_walk_cycles(w) + 4;
  snapshot(before);
  for (unsigned k = 0; k < 4; k++) {
    for (unsigned at = 0; at <= last; at++, interleavings++) {
      smp_begin(w, at, smp_leaf(w, OLD_PA, UNTOUCHED));
      uint64_t lost = smp_lost(w);
      smp_ask(w, 0, kinds[k][0]);
      steps(w, at);
      smp_ask(w, 1, kinds[k][1]);
      smp_settle(w);
      uint64_t end = smp_peek(w);
      bool stored = kinds[k][0] == MMU_WRITE || kinds[k][1] == MMU_WRITE;
      smp_check(w, smp_ok(w, 0, OLD_PA) && smp_ok(w, 1, OLD_PA), "an answer is missing");
      smp_check(w, end == smp_leaf(w, OLD_PA, stored ? PAGE_ALL : CLEAN), "the end is %llx",
                (unsigned long long)end);
      lost = smp_lost(w) - lost;
      smp_check(w, lost <= 1, "%u swaps lost by two", (unsigned)lost);
      seen(lost != 0);
    }
  }
  all_seen(w, before);
}

static void b_two_cpus(void **state) {
  (void)state;
  outcomes("one after the other", "one swap lost, and judged again", NULL, NULL);
  smp_each(two_cpus);
  print_outcomes("two CPUs set A and D");
}

/* ---- (c) unmapping while A, or A and D, are being set ---- */

static void os_unmaps(struct smp *w) {
  static const enum mmu_access_kind kinds[] = {MMU_READ, MMU_WRITE};
  unsigned long before[OUTCOMES];
  unsigned last = smp_walk_cycles(w) + 4;
  snapshot(before);
  for (unsigned k = 0; k < 2; k++) {
    for (unsigned at = 0; at <= last; at++, interleavings++) {
      smp_begin(w, at, smp_leaf(w, OLD_PA, UNTOUCHED));
      uint64_t lost = smp_lost(w);
      uint64_t gone = format_absent(w->f, 0, OLD_PA);
      smp_ask(w, 1, kinds[k]);
      steps(w, at);
      uint64_t old = smp_exchange(w, UINT64_MAX, gone);
      smp_settle(w);
      lost = smp_lost(w) - lost;
      smp_check(w, smp_peek(w) == gone, "the page came back as %llx",
                (unsigned long long)smp_peek(w));
      if (smp_ok(w, 1, OLD_PA)) {
        smp_check(w, smp_young(w, old), "A is lost");
        smp_check(w, kinds[k] == MMU_READ || smp_dirty(w, old), "D is lost");
        seen(2);
      } else {
        smp_check(w, smp_faults(w, 1, MMU_CAUSE_NOT_PRESENT), "neither answered nor refused");
        smp_check(w, !smp_young(w, old), "refused although it came first");
        seen(lost != 0);
      }
    }
  }
  all_seen(w, before);
}

static void c_os_unmaps(void **state) {
  (void)state;
  outcomes("not present", "not present after a lost swap", "answered first, A and D seen by the OS",
           NULL);
  smp_each(os_unmaps);
  print_outcomes("OS unmaps, an access sets A and D");
}

/* ---- (d) munmap, shootdown, reuse of the frame; the other CPU hammers the page ---- */

static void frame_reuse(struct smp *w) {
  unsigned long before[OUTCOMES];
  unsigned last = smp_walk_cycles(w) + 8;
  snapshot(before);
  for (unsigned at = 0; at <= last; at++) {
    for (unsigned remap = 0; remap < 2; remap++, interleavings++) {
      smp_begin(w, at, smp_leaf(w, OLD_PA, at % 2 != 0 ? PAGE_ALL : UNTOUCHED));
      unsigned old = 0, refused = 0, fresh = 0;
      uint64_t unmapped = UINT64_MAX, returned = UINT64_MAX;
      for (unsigned n = 0; returned == UINT64_MAX || w->now < returned + last + 20; n++) {
        smp_check(w, n < SMP_PATIENCE, "no end");
        struct smp_cpu *c = &w->cpu[1];
        if (n == at) {
          smp_exchange(w, UINT64_MAX, format_absent(w->f, 0, OLD_PA));
          unmapped = w->now;
          smp_invalidate(w, 0);
        }
        if (n == at + 5) smp_invalidate(w, 1); /* its interrupt takes a while */
        if (returned == UINT64_MAX && n > at + 5 && !w->cpu[0].inval_wanted &&
            !w->cpu[0].inval_waits && !c->inval_wanted && !c->inval_waits) {
          returned = w->now; /* the frame is another's now */
          if (remap != 0) smp_poke(w, w->pte, smp_leaf(w, NEW_PA, PAGE_ALL));
        }
        if (!smp_busy(c) || (c->answered && !c->wants && !c->waits))
          smp_ask(w, 1, n % 3 != 0 ? MMU_READ : MMU_WRITE);
        smp_step(w);
        if (!c->answered || c->wants || c->waits) continue;
        if (smp_ok(w, 1, OLD_PA)) {
          smp_check(w, c->answer.cycle <= returned, "the old frame at cycle %llu, freed at %llu",
                    (unsigned long long)c->answer.cycle, (unsigned long long)returned);
          old += c->answer.cycle > unmapped;
        } else if (smp_ok(w, 1, NEW_PA)) {
          smp_check(w, remap != 0 && returned != UINT64_MAX, "the new frame too early");
          fresh++;
        } else {
          smp_check(w, smp_faults(w, 1, MMU_CAUSE_NOT_PRESENT), "a strange answer");
          refused++;
        }
      }
      smp_settle(w);
      if (old != 0) seen(0);
      if (refused != 0) seen(1);
      if (fresh != 0) seen(2);
      smp_check(w, remap == 0 || fresh != 0, "the new frame is never reached");
    }
  }
  all_seen(w, before);
}

static void d_frame_reuse(void **state) {
  (void)state;
  outcomes("runs used the old frame before the shootdown returned", "runs were refused",
           "runs went on in the new frame", NULL);
  smp_each(frame_reuse);
  print_outcomes("unmap, shootdown, reuse");
}

/* ---- (e) bits cleared without an invalidation stay clear, with one they are set again ---- */

static void cleared_behind_a_tlb(struct smp *w) {
  static const enum mmu_access_kind kinds[] = {MMU_READ, MMU_WRITE};
  unsigned long before[OUTCOMES];
  snapshot(before);
  for (unsigned k = 0; k < 2; k++, interleavings++) {
    uint64_t used = smp_leaf(w, OLD_PA, k == 0 ? CLEAN : PAGE_ALL);
    smp_begin(w, k, smp_leaf(w, OLD_PA, UNTOUCHED));
    smp_access(w, 1, kinds[k]);
    smp_check(w, smp_peek(w) == used, "after the first access");
    uint64_t cleared = smp_leaf(w, OLD_PA, UNTOUCHED);
    smp_poke(w, w->pte, cleared);
    smp_access(w, 1, kinds[k]); /* legal: the entry says all is set */
    smp_check(w, smp_ok(w, 1, OLD_PA) && w->cpu[1].answer.hit, "no hit");
    smp_check(w, smp_peek(w) == cleared, "set behind an entry that has it");
    seen(0);
    smp_access(w, 0, kinds[k]); /* the other CPU has no entry: it sets them */
    smp_check(w, smp_peek(w) == used, "the other CPU");
    smp_poke(w, w->pte, cleared);
    smp_shootdown(w);
    for (int cpu = 1; cpu >= 0; cpu--) {
      smp_access(w, cpu, kinds[k]);
      smp_check(w, smp_ok(w, cpu, OLD_PA) && !w->cpu[cpu].answer.hit, "a hit after it");
      smp_check(w, smp_peek(w) == used, "not set again, cpu %d", cpu);
      smp_poke(w, w->pte, cleared);
      smp_shootdown(w);
    }
    seen(1);
  }
  all_seen(w, before);
}

static void e_cleared_behind_a_tlb(void **state) {
  (void)state;
  outcomes("not set again without invalidation", "set again after a shootdown", NULL, NULL);
  smp_each(cleared_behind_a_tlb);
  print_outcomes("A and D cleared behind an entry");
}

/* ---- (f) bits left to software: the hardware reads, judges and never writes ---- */

static void os_sets_them(struct smp *w) {
  unsigned long before[OUTCOMES];
  if (w->f->arch == MMU_ARCH_X86) return; /* has no such mode */
  unsigned last = smp_walk_cycles(w) + 4;
  snapshot(before);
  w->ctx.s1_hw_a = w->ctx.s1_hw_d = false;
  for (unsigned at = 0; at <= last; at++, interleavings++) {
    smp_begin(w, at, smp_leaf(w, OLD_PA, UNTOUCHED));
    uint64_t lost = smp_lost(w);
    smp_ask(w, 1, MMU_WRITE);
    steps(w, at);
    smp_check(w, smp_peek(w) == smp_leaf(w, OLD_PA, UNTOUCHED), "written by hardware");
    smp_poke(w, w->pte, smp_leaf(w, OLD_PA, PAGE_ALL));
    smp_settle(w);
    bool ok = smp_ok(w, 1, OLD_PA);
    smp_check(w, ok || smp_faults(w, 1, MMU_CAUSE_ACCESS_FLAG), "neither stored nor refused");
    smp_check(w, smp_peek(w) == smp_leaf(w, OLD_PA, PAGE_ALL) && smp_lost(w) == lost, "a write");
    seen(ok ? 0 : 1);
    smp_access(w, 1, MMU_WRITE); /* a fault fills nothing: no invalidation is needed */
    smp_check(w, smp_ok(w, 1, OLD_PA), "refused again");
  }
  w->ctx.s1_hw_a = w->ctx.s1_hw_d = true;
  all_seen(w, before);
}

static void f_os_sets_them(void **state) {
  (void)state;
  outcomes("set in time", "fault for the access flag, then stored", NULL, NULL);
  smp_each(os_sets_them);
  print_outcomes("OS sets A and D (Arm HA = HD = 0, RISC-V Svade)");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_os_clears_accessed), cmocka_unit_test(a_os_protects),
      cmocka_unit_test(b_two_cpus),           cmocka_unit_test(c_os_unmaps),
      cmocka_unit_test(d_frame_reuse),        cmocka_unit_test(e_cleared_behind_a_tlb),
      cmocka_unit_test(f_os_sets_them),
  };
  return cmocka_run_group_tests_name("smp races", tests, NULL, NULL);
}

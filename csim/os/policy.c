/* SPDX-License-Identifier: Apache-2.0
 * The replacement policies by name, and the kernel's side of the interface. A page is on a policy's
 * lists if and only if it carries OS_F_LISTED. */
#include "os/policy.h"

#include <stdio.h>
#include <string.h>

#include "os/kernel.h"

static const struct os_policy_ops *const all[] = {
    &os_policy_clock,  &os_policy_twolist, &os_policy_mglru, &os_policy_fifo,
    &os_policy_clock2, &os_policy_lru,     &os_policy_arc,   &os_policy_2q};

const char *os_policy_name(size_t index) {
  return index < sizeof all / sizeof all[0] ? all[index]->name : NULL;
}

const struct os_policy_ops *os_policy_find(const char *name, char *err, size_t err_len) {
  if (name == NULL) return all[0];
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    if (strcmp(all[i]->name, name) == 0) return all[i];
  int n = snprintf(err, err_len, "no page replacement policy '%s' (there are:", name);
  for (size_t i = 0; i < sizeof all / sizeof all[0] && n > 0 && (size_t)n < err_len; i++)
    n += snprintf(err + n, err_len - (size_t)n, "%s %s", i != 0 ? "," : "", all[i]->name);
  if (n > 0 && (size_t)n < err_len) (void)snprintf(err + n, err_len - (size_t)n, ")");
  return NULL;
}

bool os_policy_wants(struct os *os, const struct os_victims *v, uint32_t pfn) {
  const struct os_frame *f = os_frame(os, pfn);
  return f->zone % OS_ZONES <= v->highest && (!v->file_only || f->type == OS_FRAME_FILE);
}

static bool is_file(const struct os *os, uint32_t pfn) {
  return os->frames[pfn].type == OS_FRAME_FILE;
}

void os_policy_listed(struct os *os, uint32_t pfn) {
  os_frame(os, pfn)->flags |= OS_F_LISTED;
  os_use_of(os, pfn)->listed[is_file(os, pfn)]++;
  os_use_of(os, pfn)->listed_huge += (os_frame(os, pfn)->flags & OS_F_HUGE) != 0;
}

void os_policy_add(struct os *os, uint32_t pfn, bool back) {
  if ((os_frame(os, pfn)->flags & (OS_F_MLOCKED | OS_F_LISTED | OS_F_ISOLATED)) != 0) return;
  os_policy_listed(os, pfn);
  os->pol->add(os_node_of(os, pfn)->policy, pfn, back);
}

void os_policy_enter(struct os *os, uint32_t pfn, const uint64_t *shadow) {
  if (os->pol->enter != NULL) {
    os_policy_listed(os, pfn);
    os->pol->enter(os_node_of(os, pfn)->policy, pfn, shadow);
    return;
  }
  if (shadow != NULL) os_refault(os, is_file(os, pfn));
  os_policy_add(os, pfn, false);
}

void os_policy_taken(struct os *os, uint32_t pfn) {
  os_frame(os, pfn)->flags &= (uint16_t)~OS_F_LISTED;
  os_use_of(os, pfn)->listed[is_file(os, pfn)]--;
  os_use_of(os, pfn)->listed_huge -= (os_frame(os, pfn)->flags & OS_F_HUGE) != 0;
}

void os_policy_scanned(struct os *os, uint32_t pfn) {
  (*(is_file(os, pfn) ? &os->st.pgscan_file : &os->st.pgscan_anon))++;
}

void os_policy_isolate(struct os *os, uint32_t pfn) {
  os_policy_taken(os, pfn);
  os_frame(os, pfn)->flags |= OS_F_ISOLATED;
}

bool os_policy_may_return(struct os *os, uint32_t pfn) {
  struct os_frame *f = os_frame(os, pfn);
  f->flags &= (uint16_t)~OS_F_ISOLATED;
  return (f->flags & OS_F_MLOCKED) == 0;
}

void os_policy_remove(struct os *os, uint32_t pfn) {
  os_policy_taken(os, pfn);
  os->pol->remove(os_node_of(os, pfn)->policy, pfn);
}

void os_policy_hold(struct os *os, uint32_t pfn) {
  if (os->pol->hold != NULL) {
    os->pol->hold(os_node_of(os, pfn)->policy, pfn);
    return;
  }
  os_policy_remove(os, pfn);
  os_frame(os, pfn)->flags |= OS_F_ISOLATED;
  os_frame_get(os, pfn);
}

void os_policy_unhold(struct os *os, uint32_t pfn) {
  const struct os_frame *f = os_frame(os, pfn);
  if (os->pol->unhold != NULL) {
    os->pol->unhold(os_node_of(os, pfn)->policy, pfn);
    return;
  }
  os_swap_forget(os, pfn); /* its process may have gone meanwhile */
  if (os_policy_may_return(os, pfn) && f->refs > 1) os_policy_add(os, pfn, true);
  (void)os_frame_put(os, pfn);
}

void os_policy_moved(struct os *os, uint32_t from, uint32_t to) {
  struct os_policy *p = os_node_of(os, to)->policy;
  if (os->pol->hold != NULL) {
    os->pol->moved(p, from, to);
    return;
  }
  os_swap_forget(os, to);
  if (os_policy_may_return(os, to) && os_frame(os, to)->refs > 1) {
    if (os->pol->moved != NULL) {
      os_policy_listed(os, to);
      os->pol->moved(p, from, to);
    } else {
      os_policy_add(os, to, false);
    }
  }
  (void)os_frame_put(os, to);
}

uint64_t os_policy_shadow(struct os *os, uint32_t pfn) {
  if (os->pol->evicted == NULL) return os->rec.age++;
  return os->pol->evicted(os_node_of(os, pfn)->policy, pfn);
}

void os_policy_used(struct os *os, uint32_t pfn) {
  if (os->pol->used != NULL)
    os->pol->used(os_node_of(os, pfn)->policy, pfn);
  else
    os_frame(os, pfn)->flags |= OS_F_REFERENCED;
}

void os_policy_unmapped_young(struct os *os, uint32_t pfn) {
  if (os->pol->used != NULL && os_frame(os, pfn)->type != OS_FRAME_ANON) os_policy_used(os, pfn);
}

void os_policy_written(struct os *os, uint32_t pfn, bool at_once) {
  struct os_policy *p = os_node_of(os, pfn)->policy;
  if (os->pol->written != NULL)
    os->pol->written(p, pfn);
  else if (at_once && (os_frame(os, pfn)->flags & OS_F_LISTED) != 0)
    os->pol->soon(p, pfn);
}

/* SPDX-License-Identifier: Apache-2.0
 * The replacement policies by name, and the kernel's side of the interface. A page is on a policy's
 * lists if and only if it carries OS_F_LISTED. */
#include "os/policy.h"

#include <stdio.h>
#include <string.h>

#include "os/kernel.h"

const struct os_policy_ops *os_policy_find(const char *name, char *err, size_t err_len) {
  static const struct os_policy_ops *const all[] = {&os_policy_clock};
  if (name == NULL) return all[0];
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    if (strcmp(all[i]->name, name) == 0) return all[i];
  (void)snprintf(err, err_len, "no page replacement policy '%s' (there is: clock)", name);
  return NULL;
}

bool os_policy_wants(struct os *os, const struct os_victims *v, uint32_t pfn) {
  const struct os_frame *f = os_frame(os, pfn);
  return f->zone % OS_ZONES <= v->highest && (!v->file_only || f->type == OS_FRAME_FILE);
}

void os_policy_add(struct os *os, uint32_t pfn, bool back) {
  /* unevictable; or let go of by mlock while a reclaimer had it */
  if ((os_frame(os, pfn)->flags & (OS_F_MLOCKED | OS_F_LISTED)) != 0) return;
  os_frame(os, pfn)->flags |= OS_F_LISTED;
  os_use_of(os, pfn)->listed[os_frame(os, pfn)->type == OS_FRAME_FILE]++;
  os->pol->add(os_node_of(os, pfn)->policy, pfn, back);
}

void os_policy_remove(struct os *os, uint32_t pfn) {
  os_frame(os, pfn)->flags &= (uint16_t)~OS_F_LISTED;
  os_use_of(os, pfn)->listed[os_frame(os, pfn)->type == OS_FRAME_FILE]--;
  os->pol->remove(os_node_of(os, pfn)->policy, pfn);
}

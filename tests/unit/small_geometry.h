/* SPDX-License-Identifier: Apache-2.0
 * Small hardware for tests of the TLBs: four shapes, each with another replacement policy on
 * another architecture, so that a few shared objects meet every policy, every size that is no
 * power of two, both walk caches, and a missing L2 or walk cache. */
#ifndef COWALK_TESTS_SMALL_GEOMETRY_H
#define COWALK_TESTS_SMALL_GEOMETRY_H

#include "backend/backend.h"

enum small_shape { SMALL_VIRTUAL, SMALL_PHYSICAL, SMALL_NO_L2, SMALL_NO_WALK_CACHE, SMALL_SHAPES };

static const char *const small_shape_name[SMALL_SHAPES] = {"virtual", "physical", "no_l2",
                                                           "no_walk_cache"};

static inline struct mmu_geometry small_geometry(enum mmu_arch arch, enum small_shape shape) {
  static const struct mmu_geometry shapes[SMALL_SHAPES] = {
      [SMALL_VIRTUAL] = {6, 5, 4, 3, {3, 2, 2, 1}, MMU_PWC_VIRTUAL, 1, 1, 0},
      [SMALL_PHYSICAL] = {4, 3, 2, 4, {2, 1, 2, 1}, MMU_PWC_PHYSICAL, 1, 2, 0},
      [SMALL_NO_L2] = {4, 8, 0, 1, {4, 2, 2, 1}, MMU_PWC_VIRTUAL, 2, 2, 0},
      [SMALL_NO_WALK_CACHE] = {3, 4, 4, 2, {0, 0, 0, 0}, MMU_PWC_VIRTUAL, 1, 1, 0},
  };
  struct mmu_geometry g = shapes[shape];
  g.replacement = ((uint32_t)shape + (uint32_t)arch) % MMU_REPLACE_COUNT;
  return g;
}

#endif

/* SPDX-License-Identifier: Apache-2.0
 * Inside csim/host: what AddressSanitizer, where there is one, shall take for nobody's memory. */
#ifndef COWALK_HOST_POISON_H
#define COWALK_HOST_POISON_H

#if defined(__has_feature) /* clang */
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1 /* as GCC says it; NOLINT(bugprone-reserved-identifier) */
#endif
#endif

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
#endif

#endif

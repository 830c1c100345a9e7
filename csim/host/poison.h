/* SPDX-License-Identifier: Apache-2.0
 * Inside csim/host: what AddressSanitizer, where there is one, shall take for nobody's memory. */
#ifndef COWALK_HOST_POISON_H
#define COWALK_HOST_POISON_H

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
#define ASAN_UNPOISON_MEMORY_REGION(at, bytes) ((void)(at), (void)(bytes))
#endif

#endif

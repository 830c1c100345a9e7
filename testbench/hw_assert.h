/* SPDX-License-Identifier: Apache-2.0
 * What the Verilated models do on $fatal, $stop or a failed assertion: note it, so that the step
 * that met it can return an error. The note belongs to the thread that steps the model. */
#ifndef COWALK_TESTBENCH_HW_ASSERT_H
#define COWALK_TESTBENCH_HW_ASSERT_H

#ifdef __cplusplus
extern "C" {
#endif

/* Take the note: copies it to `text` (cut to `size` bytes) and forgets it. 0 if there was none. */
int hw_assert_take(char *text, unsigned long size);

#ifdef __cplusplus
}
#endif
#endif

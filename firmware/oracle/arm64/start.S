/* SPDX-License-Identifier: Apache-2.0
 * AArch64 at EL2, its own translation off. Guests run at EL1 and EL0; every exception that reaches
 * EL2 ends the case. BRK goes to EL2 (MDCR_EL2.TDE), which is how a guest says that it got through. */
#define CASES 0x48000000
#define MDCR_TDE (1 << 8)
#define HCR_RW (1 << 31)

  .section .start, "ax"
  .globl _start
_start:
  mrs x0, mpidr_el1
  tst x0, #0xff
  b.ne park
  ldr x0, =stack_top
  mov sp, x0
  ldr x0, =vectors
  msr vbar_el2, x0
  mov x0, #MDCR_TDE
  msr mdcr_el2, x0
  msr cptr_el2, xzr
  isb
  ldr x0, =CASES
  bl fw_main
park:
  wfi
  b park

  .text
  .globl fw_semihost
fw_semihost:
  hlt #0xf000
  ret

/* fw_run(x0 = registers, x1 = out, x2 = door) */
  .globl fw_run
fw_run:
  stp x29, x30, [sp, #-112]!
  stp x19, x20, [sp, #16]
  stp x21, x22, [sp, #32]
  stp x23, x24, [sp, #48]
  stp x25, x26, [sp, #64]
  stp x27, x28, [sp, #80]
  str x1, [sp, #96]
  mov x9, x0
  .macro load register, number
  ldr x10, [x9, #8 * \number]
  msr \register, x10
  .endm
  load vtcr_el2, 1
  load vttbr_el2, 2
  load sctlr_el1, 3
  load tcr_el1, 4
  load ttbr0_el1, 5
  load ttbr1_el1, 6
  load mair_el1, 7
  load vbar_el1, 8
  load spsr_el2, 9
  load elr_el2, 10
  load hcr_el2, 0
  mov x10, #0x5a5a
  msr esr_el1, x10
  msr far_el1, xzr
  msr elr_el1, xzr
  msr esr_el2, xzr
  msr far_el2, xzr
  msr hpfar_el2, xzr
  dsb sy
  tlbi alle1
  ic iallu
  dsb sy
  isb
  ldp x0, x1, [x9, #8 * 11]
  eret

/* x0, x1 and the vector's number are on the stack, above them the frame of fw_run */
taken:
  ldr x1, [sp, #32 + 96]
  .macro save register, number
  mrs x0, \register
  str x0, [x1, #8 * \number]
  .endm
  ldr x0, [sp, #16]
  str x0, [x1]
  save esr_el2, 1
  save far_el2, 2
  save hpfar_el2, 3
  save elr_el2, 4
  save spsr_el2, 5
  save esr_el1, 6
  save far_el1, 7
  save elr_el1, 8
  ldr x0, [sp]
  str x0, [x1, #8 * 9]
  mov x0, #HCR_RW
  msr hcr_el2, x0
  msr sctlr_el1, xzr
  isb
  add sp, sp, #32
  ldp x19, x20, [sp, #16]
  ldp x21, x22, [sp, #32]
  ldp x23, x24, [sp, #48]
  ldp x25, x26, [sp, #64]
  ldp x27, x28, [sp, #80]
  ldp x29, x30, [sp], #112
  ret

  .macro vector number
  .balign 0x80
  sub sp, sp, #32
  stp x0, x1, [sp]
  mov x0, #\number
  str x0, [sp, #16]
  b taken
  .endm

  .balign 0x800
vectors:
  .irp number, 0x000, 0x080, 0x100, 0x180, 0x200, 0x280, 0x300, 0x380
  .balign 0x80
  b own_fault
  .endr
  .irp number, 0x400, 0x480, 0x500, 0x580, 0x600, 0x680, 0x700, 0x780
  vector \number
  .endr

/* A fault of the payload itself: end with status 5. */
own_fault:
  ldr x1, =own_exit
  mov x0, #0x18
  hlt #0xf000
  b own_fault
  .balign 8
own_exit:
  .quad 0x20026, 5

  .bss
  .balign 16
  .skip 0x4000
stack_top:

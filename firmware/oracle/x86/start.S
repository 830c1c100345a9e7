/* SPDX-License-Identifier: Apache-2.0
 * x86 from the reset vector to long mode: an identity map of 4 GiB, no interrupts, no IDT (a fault
 * of the payload itself is a triple fault, which ends the emulator). */
#include "firmware/oracle/x86/layout.h"

#define MSR_EFER 0xc0000080

  .section .reset, "ax"
  .code16
  .globl reset
reset:
  ljmpw $0xf000, $0xf000

  .section .start, "ax"
  .code16
  cli
  cs lgdtl gdt_pointer - 0xffff0000
  mov %cr0, %eax
  or $1, %al
  mov %eax, %cr0
  ljmpl $CODE32, $protected
  .balign 8
gdt_pointer:
  .word 0x2f
  .long gdt - 0x200000 + 0xfffe0000 /* in the ROM */

  .code32
protected:
  mov $DATA, %ax
  mov %ax, %ds
  mov %ax, %es
  mov %ax, %ss
  in $0x92, %al /* A20 */
  or $2, %al
  and $0xfe, %al
  out %al, $0x92
/* Bochs hands out its memory in blocks as they are touched, and has read the cases into blocks that
 * nothing has touched: they must be the first. */
  mov $CASES, %esi
touch:
  mov (%esi), %eax
  add $0x20000, %esi
  cmp $CASES_END, %esi
  jb touch
  mov $0xfffe0000, %esi
  mov $0x200000, %edi
  mov $0x1f000 / 4, %ecx
  cld
  rep movsl
/* the tables: one of 5 levels, one of 4 in it, 4 directories of 2 MiB pages */
  movl $HOST_PML4 + 3, HOST_PML5
  movl $HOST_PDPT + 3, HOST_PML4
  mov $HOST_PD + 3, %eax
  mov $HOST_PDPT, %edi
  mov $4, %ecx
1:
  mov %eax, (%edi)
  add $0x1000, %eax
  add $8, %edi
  loop 1b
  mov $0x83, %eax
  mov $HOST_PD, %edi
  mov $2048, %ecx
1:
  mov %eax, (%edi)
  add $0x200000, %eax
  add $8, %edi
  loop 1b
  mov $0x620, %eax /* PAE, OSFXSR */
  mov %eax, %cr4
  mov $HOST_PML4, %eax
  mov %eax, %cr3
  mov $MSR_EFER, %ecx
  mov $0x100, %eax
  xor %edx, %edx
  wrmsr
  mov $0x80000021, %eax /* PG, NE, PE; not WP */
  mov %eax, %cr0
  lgdtl gdt_low_pointer
  ljmpl $CODE64, $in_long_mode

  .text
  .code64
in_long_mode:
  mov $stack_top, %rsp
  mov $CASES, %edi
  call fw_main
1:
  hlt
  jmp 1b

/* void x86_host_levels(uint64_t pml, uint64_t la57): paging off, another CR4.LA57 and CR3, on */
  .globl x86_host_levels
x86_host_levels:
  push $CODE32
  lea 1f(%rip), %rax
  push %rax
  lretq
1:
  .code32
  mov %cr0, %eax
  and $0x7fffffff, %eax
  mov %eax, %cr0
  mov %cr4, %ecx
  and $~0x1000, %ecx
  shl $12, %esi
  or %esi, %ecx
  mov %ecx, %cr4
  mov %edi, %cr3
  or $0x80000000, %eax
  mov %eax, %cr0
  ljmpl $CODE64, $1f
1:
  .code64
  ret

  .macro save_all
  push %rbx
  push %rbp
  push %r12
  push %r13
  push %r14
  push %r15
  .endm
  .macro restore_all
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbp
  pop %rbx
  .endm

/* void svm_enter(uint64_t vmcb, uint64_t rdi) */
  .globl svm_enter
svm_enter:
  save_all
  mov %rdi, %rax
  mov %rsi, %rdi
  vmrun
  stgi
  restore_all
  ret

/* uint64_t vmx_enter(uint64_t *rax, uint64_t rdi): 1 if the processor refused */
  .globl vmx_enter
vmx_enter:
  save_all
  push %rdi
  mov $0x6c14, %eax /* host RSP, host RIP */
  vmwrite %rsp, %rax
  mov $0x6c16, %eax
  lea 1f(%rip), %rcx
  vmwrite %rcx, %rax
  mov (%rdi), %rax
  mov %rsi, %rdi
  vmlaunch
  pop %rdi
  mov $1, %eax
  jmp 2f
1:
  pop %rdi
  mov %rax, (%rdi)
  xor %eax, %eax
2:
  restore_all
  ret

  .data
  .balign 16
  .globl gdt
gdt:
  .quad 0
  .quad 0x00cf9b000000ffff
  .quad 0x00cf93000000ffff
  .quad 0x00af9b000000ffff
  .quad 0x00008b0000000067, 0 /* a task state segment, which nothing uses */
gdt_low_pointer:
  .word 0x2f
  .long gdt

  .bss
  .balign 16
  .skip 0x4000
stack_top:

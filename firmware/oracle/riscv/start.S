/* SPDX-License-Identifier: Apache-2.0
 * RISC-V: M mode only sets up and writes menvcfg; the payload runs in HS mode on an identity map.
 * Guests run in VS and VU mode, and touch a0 alone; every exception that reaches HS ends the case.
 * The PMP grants the RAM alone, so that all else is an access fault. */
#define CASES 0x88000000
#define RAM 0x80000000
#define RAM_END 0xa0000000
#define NO_TRAP 0x1000

#define HSTATUS 0x600
#define HEDELEG 0x602
#define HENVCFG 0x60a
#define HTVAL 0x643
#define HTINST 0x64a
#define HGATP 0x680
#define VSSTATUS 0x200
#define VSTVEC 0x205
#define VSEPC 0x241
#define VSCAUSE 0x242
#define VSTVAL 0x243
#define VSATP 0x280
#define MENVCFG 0x30a

  .option norvc
  .section .start, "ax"
  .globl _start
_start:
  csrr t0, mhartid
  bnez t0, park
  la sp, stack_top
  la t0, m_trap
  csrw mtvec, t0
  li t0, RAM >> 2
  csrw pmpaddr0, t0
  li t0, RAM_END >> 2
  csrw pmpaddr1, t0
  li t0, 0x0f08 /* top of range: nothing below the RAM, RWX in it */
  csrw pmpcfg0, t0
  li t0, ~(1 << 9)
  csrw medeleg, t0
  csrw mideleg, zero
  li t0, 0x1800
  csrc mstatus, t0
  li t0, 0x0800 /* MPP: S */
  csrs mstatus, t0
  la t0, hs_start
  csrw mepc, t0
  mret
park:
  wfi
  j park

  .balign 4
m_trap:
  csrw mscratch, t0
  csrr t0, mcause
  addi t0, t0, -9
  bnez t0, m_other
  csrw MENVCFG, a0
  csrr t0, mepc
  addi t0, t0, 4
  csrw mepc, t0
  csrr t0, mscratch
  mret
m_other: /* nothing else should come here: record it, go on in HS */
  li t0, 3
  sd t0, 0(s1)
  csrr t0, mcause
  sd t0, 8(s1)
  csrr t0, mtval
  sd t0, 16(s1)
  la t0, back
  csrw mepc, t0
  li t0, 0x1800
  csrc mstatus, t0
  li t0, 0x0800
  csrs mstatus, t0
  li t0, 1 << 39 /* MPV */
  csrc mstatus, t0
  mret

hs_start:
  la t0, identity
  srli t0, t0, 12
  li t1, 8 << 60
  or t0, t0, t1
  csrw satp, t0
  sfence.vma
  la t0, hs_trap
  csrw stvec, t0
  li a0, CASES
  call fw_main
  j park

  .text
  .balign 4096 /* the three must be in one page */
  .globl fw_semihost
fw_semihost:
  slli x0, x0, 0x1f
  ebreak
  srai x0, x0, 7
  ret

  .macro load csr, number
  ld t0, 8 * \number(t1)
  csrw \csr, t0
  .endm
  .macro save csr, number
  csrr t0, \csr
  sd t0, 8 * \number(s1)
  .endm

/* fw_run(a0 = registers, a1 = out, a2 = door) */
  .globl fw_run
fw_run:
  addi sp, sp, -32
  sd ra, 0(sp)
  sd s1, 8(sp)
  mv s1, a1
  mv t1, a0
  ld a0, 8 * 6(t1)
  ecall /* menvcfg */
  load HGATP, 0
  load VSATP, 1
  load VSSTATUS, 2
  li t2, 1 << 19
  csrc sstatus, t2
  ld t0, 8 * 3(t1)
  and t0, t0, t2
  csrs sstatus, t0
  load HSTATUS, 4
  load HEDELEG, 5
  load HENVCFG, 7
  load VSTVEC, 8
  li t2, 0x100 /* SPP */
  csrc sstatus, t2
  ld t0, 8 * 9(t1)
  slli t0, t0, 8
  csrs sstatus, t0
  load sepc, 10
  li t0, 0x3f
  csrw VSCAUSE, t0
  csrw VSTVAL, zero
  csrw VSEPC, zero
  csrw HTVAL, zero
  csrw HTINST, zero
  csrw stval, zero
  .word 0x62000073 /* hfence.gvma */
  .word 0x22000073 /* hfence.vvma */
  fence.i
  ld a0, 8 * 11(t1)
  ld a1, 8 * 12(t1)
  li t0, 1
  beq a2, t0, hlv
  li t0, 2
  beq a2, t0, hlvx
  li t0, 3
  beq a2, t0, hsv
  sret
hlv:
  .word 0x6c05c573 /* hlv.d a0, (a1) */
  j got_through
hlvx:
  .word 0x6835c573 /* hlvx.wu a0, (a1) */
  j got_through
hsv:
  .word 0x6ea5c073 /* hsv.d a0, (a1) */
got_through:
  li t0, NO_TRAP
  csrw scause, t0

  .balign 4
hs_trap:
  li t0, 1
  sd t0, 0(s1)
  save scause, 1
  save stval, 2
  save HTVAL, 3
  save HTINST, 4
  save HSTATUS, 5
  save sepc, 6
  save VSCAUSE, 7
  save VSTVAL, 8
  save VSEPC, 9
  sd a0, 8 * 10(s1)
back:
  ld ra, 0(sp)
  ld s1, 8(sp)
  addi sp, sp, 32
  ret

  .data
  .balign 4096
identity: /* V R W X A D, 1 GiB each */
  .quad 0x000000cf
  .quad 0x100000cf
  .quad 0x200000cf
  .quad 0x300000cf
  .skip 4096 - 32

  .bss
  .balign 16
  .skip 0x4000
stack_top:

// SPDX-License-Identifier: Apache-2.0
// Intel and AMD: the fields as the manuals' tables list them.
#include "syndrome/fields.h"

#define BIT(r, n, name, meaning) \
  { r, n, n, name, meaning, NULL, 0, 0 }
#define WHEN(r, n, name, meaning, when, is) \
  { r, n, n, name, meaning, NULL, when, is }
#define PF(n, name, meaning) BIT(SYN_X86_PFEC, n, name, meaning)
#define END \
  { 0, 0, 0, NULL, NULL, NULL, 0, 0 }

#define PF_COMMON                                                                      \
  PF(0, "P", "1: a present entry forbids it; 0: some entry was not present"),          \
      PF(1, "W_R", "the access was a write"), PF(2, "U_S", "the access was a user's"), \
      PF(3, "RSVD", "a reserved bit was set in an entry"),                             \
      PF(4, "I_D", "instruction fetch (told only with SMEP or NX on)"),                \
      PF(5, "PK", "a protection key forbids it"), PF(6, "SS", "shadow-stack access")

static const struct syn_field pf[] = {PF_COMMON, PF(7, "HLAT", "found by HLAT paging"),
                                      PF(15, "SGX", "SGX access control forbids it"), END};
static const struct syn_field pf_amd[] = {PF_COMMON, PF(31, "RMP", "the RMP forbids it (SNP)"),
                                          END};

static const struct syn_value reasons[] = {
    {48, "EPT violation"}, {49, "EPT misconfiguration"}, {0, NULL}};
#define REASON \
  { SYN_X86_REASON, 15, 0, "REASON", "basic exit reason", reasons, 0, 0 }
#define Q(n, name, meaning) BIT(SYN_X86_QUAL, n, name, meaning)
#define Q_TRANSLATED(n, name, meaning) WHEN(SYN_X86_QUAL, n, name, meaning, 0x180, 0x180)

static const struct syn_field violation[] = {
    REASON,
    Q(0, "READ", "the access was a data read"),
    Q(1, "WRITE", "the access was a data write (with EPT A/D, each access to a guest table)"),
    Q(2, "FETCH", "the access was an instruction fetch"),
    Q(3, "R", "all EPT entries used allow reads (bits 5:3 are 0 if one was not present)"),
    Q(4, "W", "all EPT entries used allow writes"),
    Q(5, "X", "all EPT entries used allow fetches (with MBEC: of supervisor addresses)"),
    Q(6, "XU", "with MBEC: all allow fetches of user addresses; else undefined"),
    Q(7, "GLA", "the guest-linear address is valid"),
    WHEN(SYN_X86_QUAL, 8, "FINAL",
         "1: the address's own translation; 0: a guest table entry (walk, or A/D update)", 0x80,
         0x80),
    Q_TRANSLATED(9, "USER", "advanced information: a user-mode address"),
    Q_TRANSLATED(10, "GUEST_W", "advanced information: the guest maps it writable"),
    Q_TRANSLATED(11, "GUEST_NX", "advanced information: the guest forbids fetches"),
    Q(12, "NMI", "IRET had unblocked NMIs"),
    Q(13, "SS", "shadow-stack access"),
    Q(14, "SSS", "bit 60 of the EPT leaf, if EPTP bit 7 is set; else undefined"),
    Q(15, "VERIFY", "guest-paging verification"),
    Q(16, "ASYNC", "not by an instruction (tracing, PEBS, user interrupts)"),
    {SYN_X86_QUAL, 63, 17, "RES0", "reserved, 0", NULL, 0, 0},
    END};
static const struct syn_field misconfig[] = {REASON, END};

#define N(n, name, meaning) BIT(SYN_AMD_INFO1, n, name, meaning)
static const struct syn_value codes[] = {{0x400, "#VMEXIT(NPF)"}, {0, NULL}};
static const struct syn_field npf[] = {
    {SYN_AMD_EXITCODE, 63, 0, "EXITCODE", "exit code", codes, 0, 0},
    N(0, "P", "1: a present nested entry forbids it; 0: one was not present"),
    N(1, "RW", "the nested access was a write (each access to a guest table is one)"),
    N(2, "US", "the nested access was a user's (without GMET, all are)"),
    N(3, "RSV", "a reserved bit was set in a nested entry"),
    N(4, "ID", "code read"),
    N(6, "SS", "shadow-stack access"),
    N(31, "RMP", "the RMP forbids it (SNP)"),
    N(32, "FINAL", "while translating the final guest-physical address"),
    N(33, "WALK", "while translating the address of a guest table entry"),
    N(34, "ENC", "SNP: the C bit disagrees"),
    N(35, "SIZEM", "SNP: the page sizes disagree"),
    N(36, "VMPL", "SNP: the VMPL forbids it"),
    N(37, "SSS", "the leaf is a supervisor shadow stack"),
    END};

#define LAST \
  { SYN_ARCHES, NULL, NULL, NULL, NULL }
const struct syn_layout syn_layouts_x86[] = {
    {SYN_X86, "PF", "page fault, vector 14", "SDM vol. 3, 4.7", pf},
    {SYN_X86, "EPT", "EPT violation, exit reason 48",
     "SDM vol. 3, exit qualification for EPT violations", violation},
    {SYN_X86, "EPTMISC", "EPT misconfiguration, exit reason 49",
     "SDM vol. 3, EPT misconfigurations", misconfig},
    LAST};
const struct syn_layout syn_layouts_amd[] = {
    {SYN_AMD, "PF", "page fault, vector 14", "APM vol. 2, page fault", pf_amd},
    {SYN_AMD, "NPF", "nested page fault, exit code 0x400", "APM vol. 2, 15.25.6", npf},
    LAST};

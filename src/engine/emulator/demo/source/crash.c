#include "crash.h"

#include "memory.h"
#include "ports.h"

static void triple_fault(void) {
  struct __attribute__((packed)) {
    u16 limit;
    u32 base;
  } none = {0, 0};
  __asm__ volatile("lidt %0; int3" : : "m"(none));
}

/** Paging with 64-bit entries, as a kernel for more memory would switch on; no page is there. */
static void pae(void) {
  static u8 tables[64] __attribute__((aligned(64)));
  __asm__ volatile(
    "movl %%cr4, %%eax; orl $0x20, %%eax; movl %%eax, %%cr4; movl %0, %%cr3;"
    "movl %%cr0, %%eax; orl $0x80000000, %%eax; movl %%eax, %%cr0"
    : : "r"(tables) : "eax", "memory");
}

static void hang(void) {
  for (;;) __asm__ volatile("cli; hlt");
}

void crash(const char *how) {
  if (same(how, "triple")) triple_fault();
  if (same(how, "pae")) pae();
  if (same(how, "cli")) hang();
  if (same(how, "reset")) out8(0x64, 0xfe);
}

#include "interrupts.h"

#include "keyboard.h"
#include "mouse.h"
#include "ports.h"
#include "serial.h"

enum {
  PIC1 = 0x20,
  PIC2 = 0xa0,
  END_OF_INTERRUPT = 0x20,
  FIRST = 32,
  VECTORS = 48,
  IRQ_TIMER = FIRST + 0,
  IRQ_KEYBOARD = FIRST + 1,
  IRQ_SERIAL = FIRST + 4,
  IRQ_MOUSE = FIRST + 12,
};

volatile u32 ticks;
volatile u32 interrupt_count;

struct gate {
  u16 offset_low, selector, flags, offset_high;
};
static struct gate gates[VECTORS];
extern u8 vectors[];

void interrupt(u32 vector, u32 place) {
  if (vector < FIRST) {
    say("PANIC %d %x", vector, place);
    serial_finish();
    for (;;) __asm__ volatile("cli; hlt");
  }
  interrupt_count++;
  if (vector == IRQ_TIMER) ticks++;
  if (vector == IRQ_KEYBOARD || vector == IRQ_MOUSE) ps2_receive();
  if (vector == IRQ_SERIAL) serial_interrupt();
  if (vector >= FIRST + 8) out8(PIC2, END_OF_INTERRUPT);
  out8(PIC1, END_OF_INTERRUPT);
}

static void pic_init(void) {
  out8(PIC1, 0x11);
  out8(PIC2, 0x11);
  out8(PIC1 + 1, FIRST);
  out8(PIC2 + 1, FIRST + 8);
  out8(PIC1 + 1, 4);
  out8(PIC2 + 1, 2);
  out8(PIC1 + 1, 1);
  out8(PIC2 + 1, 1);
  out8(PIC1 + 1, (u8) ~(1 << 0 | 1 << 1 | 1 << 2 | 1 << 4));
  out8(PIC2 + 1, (u8) ~(1 << 4));
}

void interrupts_init(void) {
  for (u32 i = 0; i < VECTORS; i++) {
    // Each stub in boot.S takes sixteen bytes.
    u32 offset = (u32)vectors + 16 * i;
    gates[i] = (struct gate){(u16)offset, 0x08, 0x8e00, (u16)(offset >> 16)};
  }
  struct __attribute__((packed)) {
    u16 limit;
    u32 base;
  } pointer = {sizeof gates - 1, (u32)gates};
  __asm__ volatile("lidt %0" : : "m"(pointer));
  pic_init();
  timer_rate(0);
}

void timer_rate(int hz) {
  u32 divisor = hz ? 1193182 / (u32)hz : 0;
  out8(0x43, 0x34);
  out8(0x40, (u8)divisor);
  out8(0x40, (u8)(divisor >> 8));
}

void sleep_unless_interrupted(u32 seen) {
  __asm__ volatile("cli");
  // STI holds interrupts off for one more instruction, so none can slip in before the HLT.
  if (interrupt_count == seen) __asm__ volatile("sti; hlt");
  __asm__ volatile("sti");
}

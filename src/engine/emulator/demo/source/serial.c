#include "serial.h"

#include <stdarg.h>

#include "ports.h"

enum {
  COM1 = 0x3f8,
  DATA = COM1,
  INTERRUPTS = COM1 + 1,
  FIFO = COM1 + 2,
  LINE = COM1 + 3,
  MODEM = COM1 + 4,
  STATUS = COM1 + 5,
  ON_RECEIVED = 0x01,
  ON_SENDABLE = 0x02,
  RECEIVED = 0x01,
  SENDABLE = 0x20,
  NO_PORT = 0xff,
};

enum { RING = 1024, OUTPUT = 16384, MAX_SAID = 256 };
static volatile u8 ring[RING];
static volatile u32 written;
static volatile u32 taken;
/** What was said and not yet sent: a host that reads slowly gets all of it later, and never holds up the guest. */
static volatile u8 output[OUTPUT];
static volatile u32 said;
static volatile u32 sent;
static u32 lost;
/** A machine need not have the port: reads are all ones then, as if bytes came without end. */
static bool present;

void serial_init(void) {
  present = in8(STATUS) != NO_PORT;
  if (!present) return;
  out8(INTERRUPTS, 0);
  out8(LINE, 0x80);
  out8(DATA, 1);
  out8(INTERRUPTS, 0);
  out8(LINE, 0x03);
  out8(FIFO, 0x07);
  out8(MODEM, 0x0b);
  out8(INTERRUPTS, ON_RECEIVED);
}

static void receive(void) {
  // What the ring has no room for waits in the port, and the host with it.
  while (written - taken < RING && (in8(STATUS) & RECEIVED)) ring[written++ % RING] = in8(DATA);
}

static void transmit(void) {
  static bool waiting;
  while (sent != said && (in8(STATUS) & SENDABLE)) out8(DATA, output[sent++ % OUTPUT]);
  if (waiting == (sent != said)) return;
  waiting = sent != said;
  out8(INTERRUPTS, waiting ? ON_RECEIVED | ON_SENDABLE : ON_RECEIVED);
}

void serial_interrupt(void) {
  if (!present) return;
  receive();
  transmit();
}

static u32 interrupts_off(void) {
  u32 flags;
  __asm__ volatile("pushf; pop %0; cli" : "=r"(flags) : : "memory");
  return flags;
}

static void interrupts_restore(u32 flags) { __asm__ volatile("push %0; popf" : : "r"(flags) : "memory", "cc"); }

bool serial_line(char *line, int size) {
  // More may come while we look.
  u32 end = taken, limit = written;
  while (end != limit && ring[end % RING] != '\n') end++;
  bool whole = end != limit;
  // A line that fills the ring will never end in it.
  if (!whole && limit - taken < RING) return false;
  int n = 0;
  for (u32 i = taken; i != end; i++) {
    char c = (char)ring[i % RING];
    if (c >= ' ' && n < size - 1) line[n++] = c;
  }
  line[n] = 0;
  taken = whole ? end + 1 : end;
  return true;
}

/** The line that is being made; it counts from the moment that it is whole. */
static u32 made;

static void put(char c) {
  // A byte is kept for the line feed.
  if (made - said < MAX_SAID - 1) output[made++ % OUTPUT] = (u8)c;
}

static void put_number(u32 value, u32 base, int digits) {
  char reversed[12];
  int n = 0;
  do {
    reversed[n++] = "0123456789abcdef"[value % base];
    value /= base;
  } while (value || n < digits);
  while (n) put(reversed[--n]);
}

static void put_all(const char *format, va_list list) {
  for (; *format; format++) {
    if (*format != '%') {
      put(*format);
      continue;
    }
    format++;
    if (*format == 's') {
      for (const char *s = va_arg(list, const char *); *s; s++) put(*s);
    } else if (*format == 'x') {
      put_number(va_arg(list, u32), 16, 2);
    } else if (*format == 'd') {
      i32 value = va_arg(list, i32);
      if (value < 0) put('-');
      put_number(value < 0 ? -(u32)value : (u32)value, 10, 1);
    }
  }
}

static bool begin(void) {
  made = said;
  return said - sent <= OUTPUT - MAX_SAID;
}

static void end(void) {
  output[made++ % OUTPUT] = '\n';
  said = made;
  u32 flags = interrupts_off();
  transmit();
  interrupts_restore(flags);
}

/** Lines are lost as a whole: half of one could be taken for another. */
static void say_lost(void) {
  if (!lost || !begin()) return;
  for (const char *word = "LOST "; *word; word++) put(*word);
  put_number(lost, 10, 1);
  lost = 0;
  end();
}

void say(const char *format, ...) {
  if (!present) return;
  say_lost();
  if (!begin()) {
    lost++;
    return;
  }
  va_list list;
  va_start(list, format);
  put_all(format, list);
  va_end(list);
  end();
}

void serial_poll(void) {
  // The port does not interrupt again for what was left in it, nor for being ready meanwhile.
  u32 flags = interrupts_off();
  serial_interrupt();
  interrupts_restore(flags);
  say_lost();
}

void serial_finish(void) {
  // Nobody may be listening and the port never ready again.
  for (int i = 0; i < 100000 && sent != said; i++) transmit();
}

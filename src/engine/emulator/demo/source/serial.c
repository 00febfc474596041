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
  RECEIVED = 0x01,
  SENDABLE = 0x20,
};

enum { RING = 1024 };
static volatile u8 ring[RING];
static volatile u32 written;
static volatile u32 taken;

void serial_init(void) {
  out8(INTERRUPTS, 0);
  out8(LINE, 0x80);
  out8(DATA, 1);
  out8(INTERRUPTS, 0);
  out8(LINE, 0x03);
  out8(FIFO, 0x07);
  out8(MODEM, 0x0b);
  out8(INTERRUPTS, 0x01);
}

void serial_receive(void) {
  // What the ring has no room for waits in the port, and the host with it.
  while (written - taken < RING && (in8(STATUS) & RECEIVED)) ring[written++ % RING] = in8(DATA);
}

bool serial_line(char *line, int size) {
  // The port does not interrupt again for what was left in it.
  __asm__ volatile("cli" : : : "memory");
  serial_receive();
  __asm__ volatile("sti" : : : "memory");
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

static void put(char c) {
  // Nobody may be listening and the port never ready again; what is said is then lost.
  for (int i = 0; i < 100000; i++) {
    if (!(in8(STATUS) & SENDABLE)) continue;
    out8(DATA, (u8)c);
    return;
  }
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

void say(const char *format, ...) {
  va_list list;
  va_start(list, format);
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
  put('\n');
  va_end(list);
}

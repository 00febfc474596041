#include "clock.h"

#include "memory.h"
#include "ports.h"

enum { MINUTE = 2, HOUR = 4, DAY = 7, MONTH = 8, YEAR = 9, STATUS_A = 10, STATUS_B = 11 };

static u8 cmos(u8 index) {
  out8(0x70, index);
  return in8(0x71);
}

static int read(u8 index) {
  // For up to 2 ms once a second the chip is changing its registers.
  for (int i = 0; i < 10000 && (cmos(STATUS_A) & 0x80); i++) continue;
  u8 value = cmos(index);
  bool binary = cmos(STATUS_B) & 4;
  if (index == HOUR) {
    bool afternoon = value & 0x80;
    value &= 0x7f;
    int hour = binary ? value : (value >> 4) * 10 + (value & 15);
    if (!(cmos(STATUS_B) & 2)) hour = hour % 12 + (afternoon ? 12 : 0);
    return hour % 24;
  }
  return binary ? value : (value >> 4) * 10 + (value & 15);
}

int clock_minute(void) { return read(MINUTE); }

/** 0 is Sunday. Sakamoto's method; the century is this one. */
static int weekday(int year, int month, int day) {
  static const u8 offsets[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
  if (month < 3) year--;
  return (year + year / 4 - year / 100 + year / 400 + offsets[month - 1] + day) % 7;
}

static char *two(char *to, int value, bool zero) {
  if (value >= 10 || zero) *to++ = (char)('0' + value / 10 % 10);
  *to++ = (char)('0' + value % 10);
  return to;
}

void clock_text(char *text, int size) {
  static const char names[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  int day = clamp(read(DAY), 1, 31), month = clamp(read(MONTH), 1, 12), year = 2000 + read(YEAR);
  char line[24], *p = line;
  memcpy(p, names + 3 * weekday(year, month, day), 3);
  p += 3;
  *p++ = ' ';
  p = two(p, day, false);
  *p++ = ' ';
  memcpy(p, months + 3 * (month - 1), 3);
  p += 3;
  *p++ = ' ';
  *p++ = ' ';
  p = two(p, read(HOUR), true);
  *p++ = ':';
  p = two(p, read(MINUTE), true);
  *p = 0;
  copy_text(text, line, size);
}

#include "vga.h"

#include "font.h"
#include "ports.h"
#include "vbe.h"

enum {
  ATTRIBUTE = 0x3c0,
  MISC = 0x3c2,
  SEQUENCER = 0x3c4,
  DAC_MASK = 0x3c6,
  DAC_WRITE = 0x3c8,
  DAC_DATA = 0x3c9,
  GRAPHICS = 0x3ce,
  CRTC = 0x3d4,
  STATUS = 0x3da,
};

// The registers of the VGA's mode 3, in order of their numbers.
static const u8 sequencer[] = {0x03, 0x00, 0x03, 0x00, 0x02};
static const u8 crtc[] = {0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f, 0x0d, 0x0e, 0x00,
                          0x00, 0x00, 0x00, 0x9c, 0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff};
static const u8 graphics[] = {0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x0e, 0x00, 0xff};
static const u8 attribute[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x0c, 0x00, 0x0f, 0x08, 0x00};
static const u32 palette[16] = {0x000000, 0x0000aa, 0x00aa00, 0x00aaaa, 0xaa0000, 0xaa00aa, 0xaa5500, 0xaaaaaa,
                                0x555555, 0x5555ff, 0x55ff55, 0x55ffff, 0xff5555, 0xff55ff, 0xffff55, 0xffffff};

static u16 *const cells = (u16 *)0xb8000;

static void indexed(u16 port, u8 index, u8 value) { out16(port, (u16)(value << 8 | index)); }

/** Lines and blocks at the places of code page 437, as far as we use them. */
static bool box_glyph(u8 code, u8 rows[16]) {
  enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8 };
  int arms = code == 0xc4 ? LEFT | RIGHT : code == 0xb3 ? UP | DOWN : code == 0xda ? RIGHT | DOWN : code == 0xbf ? LEFT | DOWN
           : code == 0xc0 ? RIGHT | UP : code == 0xd9 ? LEFT | UP : 0;
  if (!arms && code != 0xdb && (code < 0xb0 || code > 0xb2)) return false;
  for (int y = 0; y < 16; y++) {
    if (code == 0xdb) rows[y] = 0xff;
    else if (code == 0xb0) rows[y] = y & 1 ? 0x88 : 0x22;
    else if (code == 0xb1) rows[y] = y & 1 ? 0xaa : 0x55;
    else if (code == 0xb2) rows[y] = y & 1 ? 0x77 : 0xdd;
    else if (y == 7) rows[y] = (u8)((arms & LEFT ? 0xf8 : 0x18) | (arms & RIGHT ? 0x1f : 0x18));
    else rows[y] = (y < 7 ? arms & UP : arms & DOWN) ? 0x18 : 0;
  }
  return true;
}

static void load_font(void) {
  // Plane 2, linear, at 0xa0000.
  indexed(SEQUENCER, 2, 0x04);
  indexed(SEQUENCER, 4, 0x06);
  indexed(GRAPHICS, 4, 0x02);
  indexed(GRAPHICS, 5, 0x00);
  indexed(GRAPHICS, 6, 0x04);
  volatile u8 *plane = (u8 *)0xa0000;
  for (int code = 0; code < 256; code++) {
    u8 rows[16] = {0};
    if (!box_glyph((u8)code, rows) && code >= 0x20 && code < 0x80) text_mode_glyph((char)code, rows);
    for (int y = 0; y < 16; y++) plane[code * 32 + y] = rows[y];
  }
  indexed(SEQUENCER, 2, 0x03);
  indexed(SEQUENCER, 4, 0x02);
  indexed(GRAPHICS, 4, 0x00);
  indexed(GRAPHICS, 5, 0x10);
  indexed(GRAPHICS, 6, 0x0e);
}

static void load_palette(void) {
  out8(DAC_MASK, 0xff);
  out8(DAC_WRITE, 0);
  for (int i = 0; i < 16; i++) {
    for (int shift = 16; shift >= 0; shift -= 8) out8(DAC_DATA, (u8)(palette[i] >> shift) >> 2);
  }
}

void vga_text_mode(void) {
  vbe_off();
  out8(MISC, 0x67);
  for (u8 i = 0; i < sizeof sequencer; i++) indexed(SEQUENCER, i, sequencer[i]);
  indexed(CRTC, 0x11, 0x0e);  // the first eight are locked otherwise
  for (u8 i = 0; i < sizeof crtc; i++) indexed(CRTC, i, crtc[i]);
  for (u8 i = 0; i < sizeof graphics; i++) indexed(GRAPHICS, i, graphics[i]);
  in8(STATUS);
  for (u8 i = 0; i < sizeof attribute; i++) {
    out8(ATTRIBUTE, i);
    out8(ATTRIBUTE, attribute[i]);
  }
  out8(ATTRIBUTE, 0x20);
  load_palette();
  load_font();
}

void vga_put(int column, int row, u8 character, u8 attribute_byte) {
  ((volatile u16 *)cells)[row * COLUMNS + column] = (u16)(attribute_byte << 8 | character);
}

void vga_cursor(int column, int row) {
  u32 at = (u32)(row * COLUMNS + column);
  indexed(CRTC, 14, (u8)(at >> 8));
  indexed(CRTC, 15, (u8)at);
}

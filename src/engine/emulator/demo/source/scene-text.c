// The VGA's text mode, with a line to type on.
#include "scene.h"
#include "screen.h"
#include "serial.h"
#include "vga.h"

enum { WHITE = 0x1f, GOLD = 0x1e, PALE = 0x17, PROMPT_ROW = 20, PROMPT_COLUMN = 6, END_COLUMN = 74 };

static int width, height, column;

static void write(int x, int y, u8 attribute, const char *text) {
  for (; *text; text++) vga_put(x++, y, (u8)*text, attribute);
}

static void frame_box(int left, int top, int right, int bottom, u8 attribute) {
  for (int x = left; x <= right; x++) {
    vga_put(x, top, 0xc4, attribute);
    vga_put(x, bottom, 0xc4, attribute);
  }
  for (int y = top; y <= bottom; y++) {
    vga_put(left, y, 0xb3, attribute);
    vga_put(right, y, 0xb3, attribute);
  }
  vga_put(left, top, 0xda, attribute);
  vga_put(right, top, 0xbf, attribute);
  vga_put(left, bottom, 0xc0, attribute);
  vga_put(right, bottom, 0xd9, attribute);
}

static void enter(void) {
  width = screen_width();
  height = screen_height();
  vga_text_mode();
  for (int y = 0; y < ROWS; y++) {
    for (int x = 0; x < COLUMNS; x++) vga_put(x, y, ' ', WHITE);
  }
  frame_box(2, 1, 77, 23, PALE);
  write(6, 3, GOLD, "vitrine");
  write(14, 3, WHITE, "VGA text mode, 80 columns by 25 rows");
  write(6, 5, PALE, "Sixteen colours, and every letter of the font:");
  for (int i = 0; i < 16; i++) {
    for (int x = 0; x < 4; x++) vga_put(6 + i * 4 + x, 7, 0xdb, (u8)(0x10 | i));
    for (int x = 0; x < 4; x++) vga_put(6 + i * 4 + x, 8, (u8)(x < 2 ? 0xb1 : 0xb0), (u8)(0x10 | i));
  }
  for (int c = 0x20; c < 0x80; c++) vga_put(6 + (c % 32) * 2, 10 + (c / 32 - 1) * 2, (u8)c, WHITE);
  write(6, 18, PALE, "Type here. Esc or F3 goes back to the desktop.");
  write(PROMPT_COLUMN - 2, PROMPT_ROW, GOLD, ">");
  column = PROMPT_COLUMN;
  vga_cursor(column, PROMPT_ROW);
}

static void leave(void) { screen_mode(width, height); }

static void key(const struct key_event *event) {
  char c = event->character;
  if (c == '\b' && column > PROMPT_COLUMN) {
    vga_put(--column, PROMPT_ROW, ' ', WHITE);
  } else if (c == '\n') {
    while (column > PROMPT_COLUMN) vga_put(--column, PROMPT_ROW, ' ', WHITE);
  } else if (c >= ' ' && column < END_COLUMN) {
    vga_put(column++, PROMPT_ROW, (u8)c, WHITE);
  }
  vga_cursor(column, PROMPT_ROW);
}

const struct scene scene_text = {.name = "text", .enter = enter, .leave = leave, .key = key};

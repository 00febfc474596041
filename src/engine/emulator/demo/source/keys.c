#include "keys.h"

#include "font.h"

enum { ROW = 27, LEFT = 28, CAP_WIDTH = 42 };

static const struct {
  const char *cap, *meaning;
} rows[] = {
  {"F1", "show or hide this list"},
  {"F2", "next resolution"},
  {"F3", "text mode"},
  {"F4", "animation at 30 frames a second, then 60"},
  {"F5", "scrolling text"},
  {"F6", "a window that moves"},
  {"F7", "a square that inverts on each key"},
  {"F9", "a photograph"},
  {"F10", "nothing moves, not even the clock"},
  {"Esc", "back to this desktop"},
};
enum { ROWS = sizeof rows / sizeof *rows };

static void draw(struct surface *s, struct rect c) {
  for (int i = 0; i < ROWS; i++) {
    int y = c.y + 14 + i * ROW;
    struct rect cap = {c.x + LEFT, y, CAP_WIDTH, 22};
    rounded(s, cap, 5, 0xe9eef5, 255);
    outline(s, cap, 5, 0xcfd7e2, 255);
    draw_text(s, BODY, cap.x + (CAP_WIDTH - text_width(BODY, rows[i].cap)) / 2, y + 1, 0x27364b, rows[i].cap);
    draw_text(s, BODY, cap.x + CAP_WIDTH + 16, y + 1, 0x55637a, rows[i].meaning);
  }
}

struct window keys = {
  .title = "Keys", .accent = 0xe8a33d, .frame = {0, 0, 448, TITLE_HEIGHT + ROWS * ROW + 24}, .visible = true, .draw = draw,
};

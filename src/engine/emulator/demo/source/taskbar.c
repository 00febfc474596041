#include "taskbar.h"

#include "clock.h"
#include "font.h"
#include "memory.h"
#include "screen.h"
#include "windows.h"

enum { TEXT = 96, CLOCK_WIDTH = 170, BRAND_WIDTH = 128 };

static char who[TEXT] = "nobody is connected yet";
static bool clock_shown = true;
static int minute = -1;

static struct rect bar(void) { return (struct rect){0, screen_height() - TASKBAR_HEIGHT, screen_width(), TASKBAR_HEIGHT}; }

static void brand(struct surface *s, int x, int y) {
  // A pane of glass with a glint.
  rounded(s, (struct rect){x, y, 24, 20}, 4, 0x7fc4de, 255);
  gradient_down(s, (struct rect){x + 2, y + 4, 20, 12}, 0x2d6f92, 0x3d8fb5);
  for (int i = 0; i < 9; i++) tint(s, (struct rect){x + 13 - i / 2, y + 5 + i, 4, 1}, 0xffffff, 90);
  draw_text(s, BOLD, x + 34, y + 1, 0xffffff, "vitrine");
}

void taskbar_draw(struct surface *s) {
  struct rect b = bar();
  if (is_empty(intersect(b, s->clip))) return;
  gradient_down(s, b, 0x15263b, 0x0d1928);
  tint(s, (struct rect){b.x, b.y, b.width, 1}, 0xffffff, 40);
  int y = b.y + 11;
  brand(s, 18, y);
  disc(s, BRAND_WIDTH + 12, b.y + TASKBAR_HEIGHT / 2, 4, 0x6fcf97);
  struct rect clip = s->clip;
  s->clip = intersect(clip, (struct rect){BRAND_WIDTH, b.y, b.width - BRAND_WIDTH - CLOCK_WIDTH, b.height});
  draw_text(s, BODY, BRAND_WIDTH + 26, y + 1, 0xc9d6e4, who);
  s->clip = clip;
  if (!clock_shown) return;
  char text[24];
  clock_text(text, sizeof text);
  draw_text(s, BODY, b.width - 20 - text_width(BODY, text), y + 1, 0xffffff, text);
}

void taskbar_who(const char *text) {
  copy_text(who, text, TEXT);
  damage(bar());
}

static void damage_clock(void) {
  struct rect b = bar();
  damage((struct rect){b.width - CLOCK_WIDTH, b.y, CLOCK_WIDTH, b.height});
}

void taskbar_tick(void) {
  if (!clock_shown) return;
  int now = clock_minute();
  if (now != minute) damage_clock();
  minute = now;
}

void taskbar_clock(bool shown) {
  clock_shown = shown;
  damage_clock();
}

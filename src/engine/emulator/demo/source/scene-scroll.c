// A log that runs: all lines move up by one, and a new one comes, twenty times a second.
#include "font.h"
#include "memory.h"
#include "scene.h"
#include "screen.h"

enum { LINE = 20, PAPER = 0x111a27, WORDS = 32 };

static const char *const words[WORDS] = {
  "display", "scan", "tile",   "viewer", "frame", "clock",   "socket", "credit", "input",  "pointer", "key",
  "machine", "boot", "memory", "encode", "diff",  "channel", "update", "region", "cursor", "session", "desktop",
  "signal",  "wait", "ready",  "buffer", "pixel", "window",  "paint",  "packet", "stream", "host",
};
static const u32 inks[] = {0xc9d6e4, 0x7fc4de, 0xf3d3a8, 0x6fcf97};

static u32 seed, number;

static u32 next(void) {
  seed = seed * 1664525 + 1013904223;
  return seed >> 16;
}

static void write_line(int y) {
  fill(&ground, (struct rect){0, y, ground.width, LINE}, PAPER);
  char digits[8] = "000000 ";
  u32 value = ++number;
  for (int i = 5; i >= 0; i--, value /= 10) digits[i] = (char)('0' + value % 10);
  int x = draw_text(&ground, BODY, 16, y, 0x6b7b90, digits);
  u32 ink = inks[next() % 4];
  for (u32 left = 4 + next() % 8; left && x < ground.width - 120; left--) {
    x = draw_text(&ground, BODY, x + 6, y, ink, words[next() % WORDS]);
  }
}

static int lines(void) { return ground.height / LINE; }

static void frame(u32 step) {
  (void)step;
  copy_words(ground.pixels, pixel(&ground, 0, LINE), (size_t)((lines() - 1) * LINE * ground.width));
  write_line((lines() - 1) * LINE);
  damage_all();
}

static void enter(void) {
  seed = 1;
  number = 0;
  fill(&ground, screen_rect(), PAPER);
  for (int i = 0; i < lines(); i++) write_line(i * LINE);
}

const struct scene scene_scroll = {.name = "scroll", .enter = enter, .hz = 20, .frame = frame};

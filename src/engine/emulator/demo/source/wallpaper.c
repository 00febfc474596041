#include "wallpaper.h"

#include "fixed.h"
#include "memory.h"
#include "vbe.h"

// An evening: sky, a low sun, ranges of hills that get darker as they come nearer.
struct stop {
  int at;  // 1024ths of the height
  u32 color;
};
static const struct stop sky[] = {
  {0, 0x16233f}, {320, 0x2c4a72}, {560, 0x6d8fae}, {700, 0xdcb9a0}, {780, 0xf3d3a8}, {1025, 0xf3d3a8},
};

struct range {
  int base, height;  // 1024ths of the picture's height
  int wave, phase;   // 1024ths of a turn over the picture's width
  u32 top, bottom;
};
static const struct range ranges[] = {
  {700, 46, 1500, 120, 0x8497ad, 0xa9a6a8}, {752, 52, 1150, 640, 0x5d7793, 0x7d8a9b}, {812, 50, 1750, 330, 0x3f5b78, 0x536c86},
  {876, 54, 1000, 860, 0x294560, 0x335069}, {944, 40, 1400, 80, 0x18304a, 0x122438},
};

static u32 sky_at(int at) {
  int i = 0;
  while (sky[i + 1].at <= at) i++;
  int span = sky[i + 1].at - sky[i].at;
  return mix(sky[i].color, sky[i + 1].color, (u32)((at - sky[i].at) * 256 / span));
}

/** The same to the left and to the right, and in steps of four pixels: starting up waits for this. */
static void draw_glow(struct surface *s, int cx, int cy, int reach) {
  int limit = reach * reach, inverse = (1 << 24) / limit;
  for (int y = max(cy - reach, 0); y < min(cy + reach, s->height); y++) {
    for (int dx = 0; dx < min(min(reach, cx), s->width - cx) - 3; dx += 4) {
      int square = dx * dx + (y - cy) * (y - cy);
      if (square >= limit) break;
      u32 near = (u32)((limit - square) * inverse) >> 16;  // 256 in the middle
      u32 *p = pixel(s, cx, y), color = mix(p[dx], 0xffdcae, near * near * near / 256 * 170 >> 16);
      for (int i = 0; i < 4; i++) p[dx + i] = p[-dx - 1 - i] = color;
    }
  }
}

static void draw_sun(struct surface *s) {
  int cx = s->width * 520 / 1024, cy = s->height * 640 / 1024;
  draw_glow(s, cx, cy, s->height * 230 / 1024);
  disc(s, cx, cy, s->height * 50 / 1024, 0xfff0d4);
}

/** The height of the crest at x, in 16ths of a pixel from the top. */
static int crest(const struct range *r, int x, int width, int height) {
  int turn = x * r->wave / width + r->phase;
  int up = sine(turn) * 5 + sine(turn * 2 + 300) * 2 + sine(turn * 5 + r->phase * 3) / 2;
  return (r->base * 8 - r->height * up / 1024) * height * 2 / 1024;
}

enum { BLOCK = 16 };
/** A crest, and how high and how low it goes in each block of columns. */
static int edges[MAX_WIDTH], highest[MAX_WIDTH / BLOCK], lowest[MAX_WIDTH / BLOCK];

static void draw_block(struct surface *s, int left, int right, int y, u32 color) {
  u32 *p = pixel(s, 0, y);
  for (int x = left; x < right; x++) {
    int below = y * 16 + 16 - edges[x];
    if (below >= 16) p[x] = color;
    else if (below > 0) p[x] = mix(p[x], color, (u32)below * 16);
  }
}

static void draw_range(struct surface *s, const struct range *r) {
  int top = s->height, full = 0;
  for (int x = 0; x < s->width; x++) {
    int edge = edges[x] = clamp(crest(r, x, s->width, s->height), 0, s->height * 16 - 1), i = x / BLOCK;
    highest[i] = x % BLOCK ? min(highest[i], edge) : edge;
    lowest[i] = x % BLOCK ? max(lowest[i], edge) : edge;
    top = min(top, edge / 16);
    full = max(full, edge / 16 + 1);
  }
  for (int y = top; y < s->height; y++) {
    u32 color = mix(r->top, r->bottom, (u32)((y - top) * 256 / (s->height - top)));
    if (y >= full) fill_words(pixel(s, 0, y), color, (size_t)s->width);
    for (int x = 0; x < s->width && y < full; x += BLOCK) {
      int right = min(x + BLOCK, s->width), i = x / BLOCK;
      if (lowest[i] <= y * 16) fill_words(pixel(s, x, y), color, (size_t)(right - x));
      else if (highest[i] < y * 16 + 16) draw_block(s, x, right, y, color);
    }
  }
}

void draw_wallpaper(struct surface *s) {
  for (int y = 0; y < s->height; y++) fill(s, (struct rect){0, y, s->width, 1}, sky_at(y * 1024 / s->height));
  draw_sun(s);
  for (u32 i = 0; i < sizeof ranges / sizeof *ranges; i++) draw_range(s, &ranges[i]);
}

#include "wallpaper.h"

#include "fixed.h"
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

static void draw_sun(struct surface *s) {
  int cx = s->width * 520 / 1024, cy = s->height * 640 / 1024, radius = s->height * 52 / 1024, glow = s->height * 330 / 1024;
  for (int y = max(cy - glow, 0); y < min(cy + glow, s->height); y++) {
    for (int x = max(cx - glow, 0); x < min(cx + glow, s->width); x++) {
      int dx = x - cx, dy = y - cy, square = dx * dx + dy * dy;
      if (square >= glow * glow) continue;
      int distance = (int)square_root((u32)square << 8);  // 16ths of a pixel
      u32 *p = pixel(s, x, y);
      int left = glow * 16 - distance;
      *p = mix(*p, 0xffdcae, (u32)(left / 16 * (left / 16) * 150 / (glow * glow)));
      int inside = clamp(radius * 16 - distance + 8, 0, 16);
      if (inside) *p = mix(*p, 0xfff1d6, (u32)inside * 15);
    }
  }
}

/** The height of the crest at x, in 16ths of a pixel from the top. */
static int crest(const struct range *r, int x, int width, int height) {
  int turn = x * r->wave / width + r->phase;
  int up = sine(turn) * 5 + sine(turn * 2 + 300) * 2 + sine(turn * 5 + r->phase * 3) / 2;
  return (r->base * 8 - r->height * up / 1024) * height * 2 / 1024;
}

static void draw_range(struct surface *s, const struct range *r) {
  static int edges[MAX_WIDTH];
  int highest = s->height;
  for (int x = 0; x < s->width; x++) {
    edges[x] = clamp(crest(r, x, s->width, s->height), 0, s->height * 16 - 1);
    highest = min(highest, edges[x] / 16);
  }
  for (int y = highest; y < s->height; y++) {
    u32 color = mix(r->top, r->bottom, (u32)((y - highest) * 256 / (s->height - highest)));
    u32 *p = pixel(s, 0, y);
    for (int x = 0; x < s->width; x++) {
      int below = y * 16 + 16 - edges[x];
      if (below >= 16) p[x] = color;
      else if (below > 0) p[x] = mix(p[x], color, (u32)below * 16);
    }
  }
}

void draw_wallpaper(struct surface *s) {
  for (int y = 0; y < s->height; y++) fill(s, (struct rect){0, y, s->width, 1}, sky_at(y * 1024 / s->height));
  draw_sun(s);
  for (u32 i = 0; i < sizeof ranges / sizeof *ranges; i++) draw_range(s, &ranges[i]);
}

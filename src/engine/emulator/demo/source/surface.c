#include "surface.h"

#include "fixed.h"
#include "memory.h"

struct rect intersect(struct rect a, struct rect b) {
  int left = max(a.x, b.x), top = max(a.y, b.y);
  int right = min(a.x + a.width, b.x + b.width), bottom = min(a.y + a.height, b.y + b.height);
  return (struct rect){left, top, max(right - left, 0), max(bottom - top, 0)};
}

struct rect unite(struct rect a, struct rect b) {
  if (is_empty(a)) return b;
  if (is_empty(b)) return a;
  int left = min(a.x, b.x), top = min(a.y, b.y);
  int right = max(a.x + a.width, b.x + b.width), bottom = max(a.y + a.height, b.y + b.height);
  return (struct rect){left, top, right - left, bottom - top};
}

struct rect inset(struct rect r, int by) {
  return (struct rect){r.x + by, r.y + by, r.width - 2 * by, r.height - 2 * by};
}

struct rect moved(struct rect r, int dx, int dy) { return (struct rect){r.x + dx, r.y + dy, r.width, r.height}; }

u32 mix(u32 a, u32 b, u32 weight) {
  // Two channels at a time: eight bits each with eight to spare above.
  u32 even = a & 0xff00ff, odd = a >> 8 & 0xff00ff;
  even += (((b & 0xff00ff) - even) * weight) >> 8;
  odd += (((b >> 8 & 0xff00ff) - odd) * weight) >> 8;
  return (even & 0xff00ff) | (odd & 0xff00ff) << 8;
}

void fill(struct surface *s, struct rect r, u32 color) {
  r = intersect(r, s->clip);
  for (int y = r.y; y < r.y + r.height; y++) fill_words(pixel(s, r.x, y), color, (size_t)r.width);
}

void tint(struct surface *s, struct rect r, u32 color, u32 alpha) {
  if (alpha >= 255) {
    fill(s, r, color);
    return;
  }
  r = intersect(r, s->clip);
  for (int y = r.y; y < r.y + r.height; y++) {
    u32 *p = pixel(s, r.x, y);
    for (int i = 0; i < r.width; i++) p[i] = mix(p[i], color, alpha);
  }
}

void gradient_down(struct surface *s, struct rect r, u32 top, u32 bottom) {
  for (int y = 0; y < r.height; y++) {
    fill(s, (struct rect){r.x, r.y + y, r.width, 1}, mix(top, bottom, (u32)(y * 256 / r.height)));
  }
}

void copy_from(struct surface *s, const u32 *pixels, struct rect at) {
  struct rect r = intersect(at, s->clip);
  for (int y = r.y; y < r.y + r.height; y++) {
    copy_words(pixel(s, r.x, y), pixels + (y - at.y) * at.width + r.x - at.x, (size_t)max(r.width, 0));
  }
}

/** How much of the pixel (x, y), counted from a corner's outermost pixel, is inside a circle; 0 to 256. */
static u32 corner_cover(int x, int y, int radius) {
  int dx = 2 * (radius - x) - 1, dy = 2 * (radius - y) - 1, square = dx * dx + dy * dy;
  if (square < (2 * radius - 2) * (2 * radius - 2)) return 256;
  int distance = (int)square_root((u32)square << 8);  // 32nds of a pixel
  return (u32)clamp((radius * 32 - distance) * 8 + 128, 0, 256);
}

static void blend(struct surface *s, int x, int y, u32 color, u32 weight) {
  if (!weight || !contains(s->clip, x, y)) return;
  u32 *p = pixel(s, x, y);
  *p = mix(*p, color, weight);
}

static void corners(struct surface *s, struct rect r, int radius, u32 color, u32 alpha, bool bottom_too) {
  struct rect touched = intersect(r, s->clip);
  if (is_empty(touched)) return;
  int right = r.x + r.width - 1, bottom = r.y + r.height - 1;
  for (int y = 0; y < radius; y++) {
    for (int x = 0; x < radius; x++) {
      u32 weight = corner_cover(x, y, radius) * (alpha + 1) >> 8;
      blend(s, r.x + x, r.y + y, color, weight);
      blend(s, right - x, r.y + y, color, weight);
      if (!bottom_too) continue;
      blend(s, r.x + x, bottom - y, color, weight);
      blend(s, right - x, bottom - y, color, weight);
    }
  }
}

void rounded(struct surface *s, struct rect r, int radius, u32 color, u32 alpha) {
  corners(s, r, radius, color, alpha, true);
  tint(s, (struct rect){r.x + radius, r.y, r.width - 2 * radius, radius}, color, alpha);
  tint(s, (struct rect){r.x, r.y + radius, r.width, r.height - 2 * radius}, color, alpha);
  tint(s, (struct rect){r.x + radius, r.y + r.height - radius, r.width - 2 * radius, radius}, color, alpha);
}

void rounded_top(struct surface *s, struct rect r, int radius, u32 color) {
  corners(s, r, radius, color, 255, false);
  fill(s, (struct rect){r.x + radius, r.y, r.width - 2 * radius, radius}, color);
  fill(s, (struct rect){r.x, r.y + radius, r.width, r.height - radius}, color);
}

void outline(struct surface *s, struct rect r, int radius, u32 color, u32 alpha) {
  tint(s, (struct rect){r.x + radius, r.y, r.width - 2 * radius, 1}, color, alpha);
  tint(s, (struct rect){r.x + radius, r.y + r.height - 1, r.width - 2 * radius, 1}, color, alpha);
  tint(s, (struct rect){r.x, r.y + radius, 1, r.height - 2 * radius}, color, alpha);
  tint(s, (struct rect){r.x + r.width - 1, r.y + radius, 1, r.height - 2 * radius}, color, alpha);
  int right = r.x + r.width - 1, bottom = r.y + r.height - 1;
  for (int y = 0; y < radius; y++) {
    for (int x = 0; x < radius; x++) {
      u32 inner = x && y ? corner_cover(x - 1, y - 1, radius - 1) : 0;
      u32 weight = (corner_cover(x, y, radius) - min((int)inner, (int)corner_cover(x, y, radius))) * (alpha + 1) >> 8;
      blend(s, r.x + x, r.y + y, color, weight);
      blend(s, right - x, r.y + y, color, weight);
      blend(s, r.x + x, bottom - y, color, weight);
      blend(s, right - x, bottom - y, color, weight);
    }
  }
}

void disc(struct surface *s, int x, int y, int radius, u32 color) {
  rounded(s, (struct rect){x - radius, y - radius, 2 * radius, 2 * radius}, radius, color, 255);
}

enum { MAX_CORNER = 48 };
/** What a shadow takes from the light, 0 to 255, for each pixel of a corner,
 * counted from the inside. All windows have the same. */
static u8 corner_shade[MAX_CORNER][MAX_CORNER];
static int shaded_reach, shaded_radius;

static void make_shade(int radius, int reach) {
  shaded_reach = reach;
  shaded_radius = radius;
  for (int y = 0; y < radius + reach; y++) {
    for (int x = 0; x <= y; x++) {
      int left = clamp(reach - ((int)square_root((u32)(x * x + y * y) << 4) / 4 - radius), 0, reach);
      corner_shade[y][x] = corner_shade[x][y] = (u8)(255 * left * left / (reach * reach));
    }
  }
}

static inline u32 darkened(u32 color, u32 left) {
  return ((color & 0xff00ff) * left >> 8 & 0xff00ff) | ((color >> 8 & 0xff00ff) * left & 0xff00ff00);
}

/** Pixels whose weights stand in `weights`, going up or down. */
static void darken(u32 *p, int count, const u8 *weights, int step, u32 strength) {
  for (; count > 0; count--, p++, weights += step) *p = darkened(*p, 256 - (*weights * strength >> 8));
}

void shadow(struct surface *s, struct rect caster, int radius, struct shade shade) {
  struct rect r = moved(caster, 0, shade.drop);
  struct rect outer = intersect(inset(r, -shade.reach), s->clip);
  if (radius != shaded_radius || shade.reach != shaded_reach) make_shade(radius, shade.reach);
  // Left of `left` and right of `right` it fades to the sides; between them only downwards and upwards.
  int left = r.x + radius, top = r.y + radius, right = r.x + r.width - radius, bottom = r.y + r.height - 1 - radius;
  int end = outer.x + outer.width, middle = max(left, outer.x), after = max(right, outer.x);
  for (int y = outer.y; y < outer.y + outer.height; y++) {
    const u8 *weights = corner_shade[max(max(top - y, y - bottom), 0)];
    u32 *p = pixel(s, 0, y);
    darken(p + outer.x, min(left, end) - outer.x, weights + left - outer.x, -1, shade.strength);
    darken(p + after, end - after, weights + after - right + 1, 1, shade.strength);
    // The rest of these rows is hidden by what casts the shadow.
    if (y >= caster.y + radius && y < caster.y + caster.height - radius) continue;
    darken(p + middle, min(right, end) - middle, weights, 0, shade.strength);
  }
}

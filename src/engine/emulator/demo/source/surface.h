#ifndef SURFACE_H
#define SURFACE_H

#include "types.h"

struct rect {
  int x, y, width, height;
};

struct rect intersect(struct rect a, struct rect b);
struct rect unite(struct rect a, struct rect b);
struct rect inset(struct rect r, int by);
struct rect moved(struct rect r, int dx, int dy);
static inline bool is_empty(struct rect r) { return r.width <= 0 || r.height <= 0; }
static inline bool contains(struct rect r, int x, int y) {
  return x >= r.x && y >= r.y && x < r.x + r.width && y < r.y + r.height;
}

/** Pixels in memory, rows without gaps, and the part of them that drawing may touch. */
struct surface {
  u32 *pixels;
  int width, height;
  struct rect clip;
};

static inline u32 *pixel(struct surface *s, int x, int y) { return s->pixels + y * s->width + x; }

/** `a` at weight 0, `b` at weight 256. */
u32 mix(u32 a, u32 b, u32 weight);

void fill(struct surface *s, struct rect r, u32 color);
/** Alpha 0 to 255 here and below. */
void tint(struct surface *s, struct rect r, u32 color, u32 alpha);
void gradient_down(struct surface *s, struct rect r, u32 top, u32 bottom);
void rounded(struct surface *s, struct rect r, int radius, u32 color, u32 alpha);
/** Only the top corners are round: a title bar. */
void rounded_top(struct surface *s, struct rect r, int radius, u32 color);
void outline(struct surface *s, struct rect r, int radius, u32 color, u32 alpha);
void disc(struct surface *s, int x, int y, int radius, u32 color);
struct shade {
  /** Pixels around, pixels down; strength 0 to 255. */
  int reach, drop;
  u32 strength;
};
/** What a rounded rectangle casts on the ground below it. */
void shadow(struct surface *s, struct rect caster, int radius, struct shade shade);
void copy_from(struct surface *s, const u32 *pixels, struct rect at);

#endif

#include "strokes.h"

#include "fixed.h"

/** Enough for a letter of 40 pixels. */
enum { CURVE_STEPS = 7, ELLIPSE_STEPS = 20 };

struct point {
  int x, y;
};

/** How much of a pixel the stroke covers whose middle is so far away, in 64ths of a pixel. */
static int cover_at(int radius, int distance) { return clamp(128 + (radius - distance) * 4, 0, 255); }

/** The same from the square of the distance: only the rim needs the root. */
static int cover_at_square(int radius, int square) {
  if (square >= (radius + 32) * (radius + 32)) return 0;
  if (radius > 32 && square <= (radius - 32) * (radius - 32)) return 255;
  return cover_at(radius, (int)square_root((u32)square));
}

static void segment(const struct mask *m, struct point a, struct point b) {
  int radius = m->stroke / 2, reach = radius + 32;
  int left = max((min(a.x, b.x) - reach + 63) >> 6, 0), right = min((max(a.x, b.x) + reach) >> 6, m->width - 1);
  int top = max((min(a.y, b.y) - reach + 63) >> 6, 0), bottom = min((max(a.y, b.y) + reach) >> 6, m->height - 1);
  int sx = b.x - a.x, sy = b.y - a.y, square = sx * sx + sy * sy;
  int length16 = (int)square_root((u32)square << 8);
  for (int py = top; py <= bottom; py++) {
    u8 *row = m->cover + py * m->width;
    for (int px = left; px <= right; px++) {
      int dx = (px << 6) - a.x, dy = (py << 6) - a.y, along = dx * sx + dy * sy, cover;
      if (row[px] == 255) continue;
      if (along > 0 && along < square) {
        int across = dx * sy - dy * sx;
        cover = cover_at(radius, (across < 0 ? -across : across) * 16 / length16);
      } else {
        if (along > 0) dx -= sx, dy -= sy;
        cover = cover_at_square(radius, dx * dx + dy * dy);
      }
      if (cover > row[px]) row[px] = (u8)cover;
    }
  }
}

static const char *number(const char *s, int *tenths) {
  while (*s == ' ') s++;
  int sign = *s == '-' ? -1 : 1, value = 0;
  if (*s == '-') s++;
  for (; *s >= '0' && *s <= '9'; s++) value = value * 10 + *s - '0';
  value *= 10;
  if (*s == '.') value += s[1] - '0', s += 2;
  *tenths = sign * value;
  return s;
}

static const char *place(const struct mask *m, const char *s, struct point *p) {
  int x, y;
  s = number(number(s, &x), &y);
  *p = (struct point){m->origin_x + x * m->unit_x / 10, m->origin_y - y * m->unit_y / 10};
  return s;
}

static int bezier(int a, int b, int c, int d, int t) {
  int u = CURVE_STEPS - t;
  int sum = a * u * u * u + 3 * b * u * u * t + 3 * c * u * t * t + d * t * t * t;
  return sum / (CURVE_STEPS * CURVE_STEPS * CURVE_STEPS);
}

static void curve(const struct mask *m, struct point a, struct point b, struct point c, struct point d) {
  struct point last = a;
  for (int t = 1; t <= CURVE_STEPS; t++) {
    struct point next = {bezier(a.x, b.x, c.x, d.x, t), bezier(a.y, b.y, c.y, d.y, t)};
    segment(m, last, next);
    last = next;
  }
}

static void ellipse(const struct mask *m, struct point centre, int rx, int ry) {
  struct point last = {centre.x + rx, centre.y};
  for (int i = 1; i <= ELLIPSE_STEPS; i++) {
    int turn = i * 1024 / ELLIPSE_STEPS;
    struct point next = {centre.x + rx * cosine(turn) / 1024, centre.y + ry * sine(turn) / 1024};
    segment(m, last, next);
    last = next;
  }
}

void draw_strokes(const struct mask *m, const char *path) {
  struct point pen = {0, 0}, a, b, c;
  char command = 0;
  while (*path) {
    if (*path >= 'A') command = *path++;
    path = place(m, path, &a);
    switch (command) {
      case 'M':
        command = 'L';
        pen = a;
        break;
      case 'L':
        segment(m, pen, a);
        pen = a;
        break;
      case 'C':
        path = place(m, place(m, path, &b), &c);
        curve(m, pen, a, b, c);
        pen = c;
        break;
      case 'O': {
        int rx, ry;
        path = number(number(path, &rx), &ry);
        ellipse(m, a, rx * m->unit_x / 10, ry * m->unit_y / 10);
        break;
      }
      default: {
        // Somewhat thicker than the strokes, or it looks lost.
        struct mask dot = *m;
        dot.stroke = m->stroke * 5 / 4;
        segment(&dot, a, a);
      }
    }
  }
}

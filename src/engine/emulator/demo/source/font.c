#include "font.h"

#include "glyphs.h"
#include "memory.h"
#include "strokes.h"

enum {
  /** Room around the strokes, in pixels. */
  MARGIN = 3,
  MAX_CELL = 48,
  ARENA = 160 * 1024,
};

struct style {
  /** Pixels a unit; stroke in 64ths of a pixel. */
  int scale, stroke;
};
static const struct style styles[FACES] = {{1, 78}, {1, 112}, {2, 148}};
const struct face_size face_sizes[FACES] = {{19, 11, 14}, {19, 11, 14}, {34, 21, 26}};

/** Masks of the glyphs that have been used; made when first needed, so that starting up stays short. */
static u8 *masks[FACES][GLYPHS];
static u8 arena[ARENA];
static size_t arena_used;

static int glyph_index(char c) {
  int index = (u8)c - FIRST_GLYPH;
  return index >= 0 && index < GLYPHS ? index : GLYPHS - 1;
}

static int mask_width(enum face face, int index) {
  return (glyphs[index].width * styles[face].scale + 9) / 10 + 2 * MARGIN + 1;
}

static int mask_height(enum face face) { return face_sizes[face].line + MARGIN; }

static const u8 *mask_of(enum face face, int index) {
  u8 *cover = masks[face][index];
  if (cover) return cover;
  int width = mask_width(face, index), height = mask_height(face);
  size_t bytes = (size_t)(width * height);
  if (arena_used + bytes > ARENA) return NULL;
  cover = masks[face][index] = arena + arena_used;
  arena_used += bytes;
  struct mask mask = {
    .cover = cover,
    .width = width,
    .height = height,
    .origin_x = MARGIN << 6,
    .origin_y = face_sizes[face].ascent << 6,
    .unit_x = styles[face].scale << 6,
    .unit_y = styles[face].scale << 6,
    .stroke = styles[face].stroke,
  };
  draw_strokes(&mask, glyphs[index].path);
  return cover;
}

int character_width(enum face face, char c) {
  int units10 = glyphs[glyph_index(c)].width + (face == BOLD ? 32 : 28);
  return (units10 * styles[face].scale + 5) / 10;
}

int text_width(enum face face, const char *text) {
  int width = 0;
  while (*text) width += character_width(face, *text++);
  return width;
}

static void draw_mask(struct surface *s, const u8 *cover, struct rect at, u32 color) {
  struct rect r = intersect(at, s->clip);
  for (int y = r.y; y < r.y + r.height; y++) {
    const u8 *from = cover + (y - at.y) * at.width - at.x;
    for (int x = r.x; x < r.x + r.width; x++) {
      if (from[x]) *pixel(s, x, y) = mix(*pixel(s, x, y), color, from[x] + 1u);
    }
  }
}

int draw_text(struct surface *s, enum face face, int x, int y, u32 color, const char *text) {
  for (; *text; text++) {
    int index = glyph_index(*text);
    const u8 *cover = mask_of(face, index);
    struct rect at = {x - MARGIN + styles[face].scale, y, mask_width(face, index), mask_height(face)};
    if (cover) draw_mask(s, cover, at, color);
    x += character_width(face, *text);
  }
  return x;
}

void text_mode_glyph(char c, u8 rows[16]) {
  enum { WIDEST = 60 };
  u8 cover[8 * 16];
  memset(cover, 0, sizeof cover);
  const struct glyph *glyph = &glyphs[glyph_index(c)];
  int width = min(glyph->width, WIDEST);
  struct mask mask = {
    .cover = cover,
    .width = 8,
    .height = 16,
    .origin_x = (35 - width / 2) / 10 << 6,
    .origin_y = 12 << 6,
    // What is too wide for a cell is drawn narrower.
    .unit_x = glyph->width > WIDEST ? 64 * WIDEST / glyph->width : 64,
    .unit_y = 64,
    .stroke = 72,
  };
  draw_strokes(&mask, glyph->path);
  for (int y = 0; y < 16; y++) {
    rows[y] = 0;
    for (int x = 0; x < 8; x++) {
      if (cover[y * 8 + x] >= 110) rows[y] |= (u8)(0x80 >> x);
    }
  }
}

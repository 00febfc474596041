#ifndef FONT_H
#define FONT_H

#include "surface.h"

enum face { BODY, BOLD, HEADING, FACES };

struct face_size {
  /** Pixels of a line, of a capital letter; a line's text stands `ascent` below its top. */
  int line, capital, ascent;
};
extern const struct face_size face_sizes[FACES];

/** Draws with the line's top left at (x, y) and returns where the next character goes. */
int draw_text(struct surface *s, enum face face, int x, int y, u32 color, const char *text);
int text_width(enum face face, const char *text);
int character_width(enum face face, char c);
/** Eight columns by sixteen rows, one bit a pixel, the leftmost highest: for text mode. */
void text_mode_glyph(char c, u8 rows[16]);

#endif

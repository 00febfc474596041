#ifndef STROKES_H
#define STROKES_H

#include "types.h"

/** Where a glyph is drawn to: one byte of cover a pixel, 0 to 255. */
struct mask {
  u8 *cover;
  int width, height;
  /** The glyph's origin, unit across and up, and stroke, in 64ths of a pixel from the mask's top left pixel's centre. */
  int origin_x, origin_y, unit_x, unit_y, stroke;
};

void draw_strokes(const struct mask *mask, const char *path);

#endif

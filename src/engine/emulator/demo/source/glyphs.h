#ifndef GLYPHS_H
#define GLYPHS_H

/**
 * The strokes of a letter, drawn for this project. One unit is a pixel of the body face; y goes up from the base line,
 * small letters are 7 high and capitals 10, so that their horizontal and vertical strokes fall on whole pixels.
 *
 *   M x y         lift the pen; further pairs draw lines
 *   L x y         lines
 *   C x y x y x y a Bézier curve
 *   O x y rx ry   an ellipse
 *   D x y         a dot
 */
struct glyph {
  /** From the leftmost stroke to the rightmost, in tenths. */
  short width;
  const char *path;
};

enum { FIRST_GLYPH = 0x20, GLYPHS = 96 };

/** ASCII; 0x7f is the box that stands for everything else. */
extern const struct glyph glyphs[GLYPHS];

#endif

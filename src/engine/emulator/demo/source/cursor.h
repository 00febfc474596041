#ifndef CURSOR_H
#define CURSOR_H

#include "surface.h"

/** The pointer's tip is here now. */
void cursor_move(int x, int y);
/** Viewers that show their own pointer need none in the picture. */
void cursor_show(bool shown);
void cursor_draw(struct surface *s);

#endif

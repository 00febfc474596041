#ifndef DESKTOP_H
#define DESKTOP_H

#include "surface.h"

void desktop_init(void);
/** Windows, task bar and pointer, as far as the scene has them. */
void desktop_draw(struct surface *s);

#endif

#ifndef TASKBAR_H
#define TASKBAR_H

#include "surface.h"

void taskbar_draw(struct surface *s);
/** Who is connected, as the host says. */
void taskbar_who(const char *text);
/** Looks at the clock. */
void taskbar_tick(void);
/** Without a clock nothing on the desktop changes by itself, and its picture is the same at any time. */
void taskbar_clock(bool shown);

#endif

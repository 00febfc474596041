#ifndef PAINT_H
#define PAINT_H

#include "windows.h"

extern struct window paint;

void paint_init(void);

#endif

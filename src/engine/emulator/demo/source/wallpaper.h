#ifndef WALLPAPER_H
#define WALLPAPER_H

#include "surface.h"

void draw_wallpaper(struct surface *s);

#endif

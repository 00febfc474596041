#ifndef SCREEN_H
#define SCREEN_H

#include "surface.h"

/** What lies below everything: the wallpaper, or what a full-screen scene draws. */
extern struct surface ground;

int screen_width(void);
int screen_height(void);
struct rect screen_rect(void);
/** False, and nothing happens, where the display cannot do it. Everything is damaged afterwards; `ground` is not drawn. */
bool screen_mode(int width, int height);
/** Something in here looks different now. */
void damage(struct rect r);
void damage_all(void);
/** Puts `ground` into what was damaged, lets `paint` draw over it, and shows it. */
void screen_flush(void (*paint)(struct surface *s));

#endif

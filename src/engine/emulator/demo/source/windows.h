#ifndef WINDOWS_H
#define WINDOWS_H

#include "surface.h"

enum { TITLE_HEIGHT = 34, WINDOW_RADIUS = 10, TASKBAR_HEIGHT = 42 };

struct window {
  const char *title;
  u32 accent;
  struct rect frame;
  bool visible;
  void (*draw)(struct surface *s, struct rect content);
  /** The pointer at a place within `content`, buttons as they are; NULL where it does not matter. */
  void (*pointer)(struct rect content, int x, int y, int buttons);
};

struct rect window_content(const struct window *w);
/** The part of `content` that starts at (x, y) of it looks different now. */
void damage_content(const struct window *w, struct rect part);
void windows_draw(struct surface *s);
/** The topmost last. */
void window_add(struct window *w);
void window_raise(struct window *w);
void window_move(struct window *w, int x, int y);
void window_show(struct window *w, bool visible);
/** Presses raise windows and drag them by their title bars. */
void windows_pointer(int x, int y, int buttons);
/** Nobody holds anything any more. */
void windows_release(void);

#endif

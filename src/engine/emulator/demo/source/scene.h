#ifndef SCENE_H
#define SCENE_H

#include "keyboard.h"
#include "types.h"

/** What the whole screen shows. */
struct scene {
  const char *name;
  /** The windows, the task bar and the pointer stand over `ground`; else `ground` is all there is. */
  bool desktop, pointer;
  /** Draws `ground`, at the start and after the screen's size has changed. */
  void (*enter)(void);
  void (*leave)(void);
  /** Calls a second; `step` counts them, also those that had to be left out. */
  int hz;
  void (*frame)(u32 step);
  /** What is typed. */
  void (*key)(const struct key_event *event);
};

extern const struct scene scene_desktop, scene_idle, scene_drag, scene_animation_30, scene_animation_60, scene_scroll,
    scene_flicker, scene_photo, scene_text;

/** By its name, or NULL. */
const struct scene *scene_named(const char *name);
const struct scene *scene_current(void);
void scene_switch(const struct scene *scene);
/** Sets the screen's size and draws what was there anew. */
bool scene_mode(int width, int height);
void scene_tick(void);

#endif

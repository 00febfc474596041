#include "scene.h"

#include "interrupts.h"
#include "memory.h"
#include "screen.h"
#include "serial.h"
#include "windows.h"

static const struct scene *const scenes[] = {
  &scene_desktop, &scene_idle, &scene_drag, &scene_animation_30, &scene_animation_60,
  &scene_scroll, &scene_flicker, &scene_photo, &scene_text,
};

static const struct scene *current = &scene_desktop;
static u32 first_tick, last_tick, frames;

const struct scene *scene_current(void) { return current; }

const struct scene *scene_named(const char *name) {
  for (u32 i = 0; i < sizeof scenes / sizeof *scenes; i++) {
    if (same(scenes[i]->name, name)) return scenes[i];
  }
  return NULL;
}

static void enter(void) {
  windows_release();
  timer_rate(current->hz);
  first_tick = last_tick = ticks;
  frames = 0;
  current->enter();
  damage_all();
}

void scene_switch(const struct scene *scene) {
  if (current->leave) current->leave();
  current = scene;
  enter();
  say("SCENE %s", scene->name);
}

bool scene_mode(int width, int height) {
  if (!screen_mode(width, height)) return false;
  say("MODE %dx%d", width, height);
  enter();
  return true;
}

void scene_tick(void) {
  if (!current->frame || ticks == last_tick) return;
  u32 seconds = (last_tick - first_tick) / (u32)current->hz;
  last_tick = ticks;
  current->frame(last_tick - first_tick);
  frames++;
  if ((last_tick - first_tick) / (u32)current->hz != seconds) say("FRAME %d", frames);
}

#include "desktop.h"

#include "cursor.h"
#include "fixed.h"
#include "keys.h"
#include "paint.h"
#include "scene.h"
#include "screen.h"
#include "taskbar.h"
#include "wallpaper.h"
#include "welcome.h"

static void put(struct window *w, int x, int y) {
  // Laid out for 1024x768: in the middle of something larger, closer together on something smaller.
  int width = screen_width(), height = screen_height();
  x = width >= 1024 ? x + (width - 1024) / 2 : x * width / 1024;
  y = height >= 768 ? y + (height - 768) / 2 : y * height / 768;
  w->frame.x = clamp(x, 0, max(width - w->frame.width, 0));
  w->frame.y = clamp(y, 0, max(height - TASKBAR_HEIGHT - w->frame.height, 0));
}

static void layout(void) {
  put(&welcome, 48, 40);
  put(&keys, 48, 382);
  put(&paint, 544, 112);
}

void desktop_init(void) {
  paint_init();
  window_add(&paint);
  window_add(&keys);
  window_add(&welcome);
}

void desktop_draw(struct surface *s) {
  if (scene_current()->desktop) {
    windows_draw(s);
    taskbar_draw(s);
  }
  if (scene_current()->pointer) cursor_draw(s);
}

static void enter(void) {
  draw_wallpaper(&ground);
  layout();
}

static void type(const struct key_event *event) {
  if (event->character) welcome_type(event->character);
}

const struct scene scene_desktop = {.name = "desktop", .desktop = true, .pointer = true, .enter = enter, .key = type};

static void enter_idle(void) {
  enter();
  taskbar_clock(false);
}

static void leave_idle(void) { taskbar_clock(true); }

const struct scene scene_idle = {
  .name = "idle", .desktop = true, .pointer = true, .enter = enter_idle, .leave = leave_idle, .key = type,
};

static void enter_drag(void) {
  enter();
  window_raise(&paint);
}

static void drag(u32 step) {
  int width = screen_width() - paint.frame.width, height = screen_height() - TASKBAR_HEIGHT - paint.frame.height;
  int turn = (int)(step % (1024 * 8)) * 6;
  window_move(&paint, max(width, 0) * (1024 + sine(turn)) / 2048, max(height, 0) * (1024 + cosine(turn * 3 / 2)) / 2048);
}

static void leave_drag(void) { window_raise(&welcome); }

const struct scene scene_drag = {
  .name = "drag", .desktop = true, .pointer = true, .enter = enter_drag, .leave = leave_drag, .hz = 30,
  .frame = drag, .key = type,
};

#include "console.h"
#include "cursor.h"
#include "desktop.h"
#include "interrupts.h"
#include "keyboard.h"
#include "keys.h"
#include "mouse.h"
#include "scene.h"
#include "screen.h"
#include "serial.h"
#include "taskbar.h"
#include "vbe.h"
#include "windows.h"

static const struct {
  int width, height;
} modes[] = {{640, 480}, {800, 600}, {1024, 768}, {1280, 800}, {1280, 1024}, {1920, 1080}};
enum { MODES = sizeof modes / sizeof *modes };

static struct pointer pointer = {512, 384, 0, 0};

static void next_mode(void) {
  int i = 0;
  while (i < MODES && (modes[i].width != screen_width() || modes[i].height != screen_height())) i++;
  // A display with little memory skips the large ones.
  for (int tries = 0; tries < MODES; tries++) {
    i = i + 1 < MODES ? i + 1 : 0;
    if (scene_mode(modes[i].width, modes[i].height)) return;
  }
}

/** From the desktop to a scene and, on the same key, back. */
static void toggle(const struct scene *scene) { scene_switch(scene_current() == scene ? &scene_desktop : scene); }

static bool command_key(u8 code) {
  const struct scene *now = scene_current();
  if (code == KEY_ESCAPE && now != &scene_desktop) {
    scene_switch(&scene_desktop);
    return true;
  }
  switch (code - KEY_F1 + 1) {
    case 1: window_show(&keys, !keys.visible); return true;
    case 2: if (now != &scene_text) next_mode(); return true;
    case 3: toggle(&scene_text); return true;
    case 4:
      if (now == &scene_animation_30) scene_switch(&scene_animation_60);
      else toggle(now == &scene_animation_60 ? now : &scene_animation_30);
      return true;
    case 5: toggle(&scene_scroll); return true;
    case 6: toggle(&scene_drag); return true;
    case 7: toggle(&scene_flicker); return true;
    case 9: toggle(&scene_photo); return true;
    case 10: toggle(&scene_idle); return true;
    default: return false;
  }
}

static void poll_keyboard(void) {
  struct key_event event;
  while (keyboard_event(&event)) {
    say("KEY %s%x %s", event.code & 0x80 ? "e0" : "", event.code & 0x7f, event.down ? "down" : "up");
    if (event.down && command_key(event.code)) continue;
    if (scene_current()->key) scene_current()->key(&event);
  }
}

static void say_pointer(void) { say("POINTER %d %d %d", pointer.x, pointer.y, pointer.buttons); }

static void poll_pointer(void) {
  // The screen may have become smaller.
  pointer.x = min(pointer.x, screen_width() - 1);
  pointer.y = min(pointer.y, screen_height() - 1);
  struct pointer before = pointer;
  bool unsaid = false;
  while (mouse_event(&pointer, screen_width(), screen_height())) {
    if (pointer.wheel) say("WHEEL %d", pointer.wheel);
    pointer.wheel = 0;
    bool pressed = pointer.buttons != before.buttons;
    if (!pressed && pointer.x == before.x && pointer.y == before.y) continue;
    if (scene_current()->desktop) windows_pointer(pointer.x, pointer.y, pointer.buttons);
    // Of many moves at once only where they end is worth a line.
    if (pressed) say_pointer();
    unsaid = !pressed;
    before = pointer;
  }
  cursor_move(pointer.x, pointer.y);
  if (unsaid) say_pointer();
}

static void poll_clock(void) {
  static u32 looked;
  int hz = scene_current()->hz ? scene_current()->hz : 18;
  if (ticks - looked < (u32)hz) return;
  looked = ticks;
  if (scene_current()->desktop) taskbar_tick();
}

void main(void) {
  serial_init();
  if (!vbe_init()) {
    say("PANIC no display");
    serial_finish();
    return;
  }
  interrupts_init();
  ps2_init();
  desktop_init();
  screen_mode(1024, 768);
  cursor_move(pointer.x, pointer.y);
  scene_desktop.enter();
  screen_flush(desktop_draw);
  say("READY %dx%d", screen_width(), screen_height());
  say("MOUSE %s", mouse_is_absolute() ? "absolute" : "relative");
  for (;;) {
    u32 seen = interrupt_count;
    poll_keyboard();
    poll_pointer();
    console_poll();
    scene_tick();
    poll_clock();
    if (scene_current() != &scene_text) screen_flush(desktop_draw);
    // More lines may wait behind the one that was answered.
    if (!console_answer()) sleep_unless_interrupted(seen);
  }
}

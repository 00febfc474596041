// Full-screen motion: every pixel changes in every frame. One row of colours, laid down row by row at a place that sways.
#include "fixed.h"
#include "memory.h"
#include "scene.h"
#include "screen.h"
#include "vbe.h"

enum { PERIOD = 1024 };
static u32 colors[MAX_WIDTH + PERIOD];

static void frame(u32 step) {
  int turn = (int)(step * 6000 / (u32)scene_current()->hz / 10);
  for (int y = 0; y < ground.height; y++) {
    int sway = sine(turn / 2 + y) * 150 + sine(turn / 3 - y * 3 / 2) * 90;
    u32 from = (u32)(turn + sway / 1024) % PERIOD;
    copy_words(pixel(&ground, 0, y), colors + from, (size_t)ground.width);
  }
  damage_all();
}

static void enter(void) {
  static const u32 stops[] = {0x16233f, 0x2d6f92, 0x7fc4de, 0xf3d3a8, 0xd9644a, 0x8a6bb1, 0x2c4a72, 0x16233f};
  enum { SPANS = sizeof stops / sizeof *stops - 1 };
  for (int i = 0; i < MAX_WIDTH + PERIOD; i++) {
    int at = i % PERIOD * SPANS;
    colors[i] = mix(stops[at / PERIOD], stops[at / PERIOD + 1], (u32)(at % PERIOD * 256 / PERIOD));
  }
  frame(0);
}

const struct scene scene_animation_30 = {.name = "animation 30", .enter = enter, .hz = 30, .frame = frame};
const struct scene scene_animation_60 = {.name = "animation 60", .enter = enter, .hz = 60, .frame = frame};

// For measuring the way from a key to a pixel: nothing but a square at a fixed place, which inverts on every press.
#include "font.h"
#include "scene.h"
#include "screen.h"
#include "serial.h"

enum { GRAY = 0x808080 };
static const struct rect square = {64, 64, 128, 128};
static bool white;

static void draw(void) { fill(&ground, square, white ? 0xffffff : 0x000000); }

static void enter(void) {
  white = false;
  fill(&ground, screen_rect(), GRAY);
  draw_text(&ground, BODY, 64, 216, 0x202020, "Every key inverts the square. Esc goes back.");
  draw();
}

static void key(const struct key_event *event) {
  if (!event->down) return;
  white = !white;
  draw();
  damage(square);
  say("SCENE flicker %d", white);
}

const struct scene scene_flicker = {.name = "flicker", .enter = enter, .key = key};

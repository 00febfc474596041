#include "paint.h"

#include "font.h"
#include "memory.h"
#include "mouse.h"
#include "screen.h"

enum { BAR = 46, CANVAS_WIDTH = 392, CANVAS_HEIGHT = 400, MARGIN = 16, BRUSH = 3, SWATCHES = 6, STEP = 34, PAPER = 0xffffff };

static u32 canvas_pixels[CANVAS_WIDTH * CANVAS_HEIGHT] PICTURE;
static struct surface canvas = {canvas_pixels, CANVAS_WIDTH, CANVAS_HEIGHT, {0, 0, CANVAS_WIDTH, CANVAS_HEIGHT}};

static const u32 swatches[SWATCHES] = {0x27364b, 0x3d8fb5, 0x4ba58c, 0xe8a33d, 0xd9644a, 0x8a6bb1};
static int chosen = 1;
static bool drawing;
static int last_x, last_y;

static struct rect swatch(struct rect content, int i) {
  return (struct rect){content.x + MARGIN + i * STEP, content.y + 11, 24, 24};
}

static struct rect clear_button(struct rect content) {
  return (struct rect){content.x + content.width - MARGIN - 64, content.y + 9, 64, 28};
}

static struct rect canvas_rect(struct rect content) {
  return (struct rect){content.x + MARGIN, content.y + BAR, CANVAS_WIDTH, CANVAS_HEIGHT};
}

static void draw(struct surface *s, struct rect content) {
  for (int i = 0; i < SWATCHES; i++) {
    struct rect r = swatch(content, i);
    if (i == chosen) outline(s, inset(r, -4), 16, swatches[i], 255);
    rounded(s, r, 12, swatches[i], 255);
  }
  struct rect button = clear_button(content);
  rounded(s, button, 6, 0xe9eef5, 255);
  draw_text(s, BODY, button.x + (button.width - text_width(BODY, "Clear")) / 2, button.y + 4, 0x27364b, "Clear");
  struct rect at = canvas_rect(content);
  copy_from(s, canvas.pixels, at);
  outline(s, inset(at, -1), 2, 0xcfd7e2, 255);
}

static void wipe(void) { fill(&canvas, canvas.clip, PAPER); }

static void stroke(int from_x, int from_y, int to_x, int to_y) {
  int dx = to_x - from_x, dy = to_y - from_y;
  int steps = max(max(dx < 0 ? -dx : dx, dy < 0 ? -dy : dy), 1);
  for (int i = 0; i <= steps; i++) {
    disc(&canvas, from_x + dx * i / steps, from_y + dy * i / steps, BRUSH, swatches[chosen]);
  }
  struct rect touched = unite((struct rect){from_x, from_y, 1, 1}, (struct rect){to_x, to_y, 1, 1});
  struct rect at = canvas_rect((struct rect){0, 0, paint.frame.width, 0});
  damage_content(&paint, intersect(at, moved(inset(touched, -BRUSH - 1), at.x, at.y)));
}

static void press(struct rect content, int x, int y) {
  for (int i = 0; i < SWATCHES; i++) {
    if (contains(inset(swatch(content, i), -4), x, y)) chosen = i;
  }
  if (contains(clear_button(content), x, y)) wipe();
  drawing = contains(canvas_rect(content), x, y);
  damage(content);
}

static void pointer(struct rect content, int x, int y, int buttons) {
  static bool was_down;
  bool down = buttons & BUTTON_LEFT;
  struct rect at = canvas_rect(content);
  if (down && !was_down) {
    press(content, x, y);
    last_x = x - at.x;
    last_y = y - at.y;
  }
  was_down = down;
  if (down && drawing) {
    stroke(last_x, last_y, x - at.x, y - at.y);
    last_x = x - at.x;
    last_y = y - at.y;
  }
  if (!down) drawing = false;
}

struct window paint = {
  .title = "Paint",
  .accent = 0xd9644a,
  .frame = {0, 0, CANVAS_WIDTH + 2 * MARGIN, TITLE_HEIGHT + BAR + CANVAS_HEIGHT + MARGIN},
  .visible = true,
  .draw = draw,
  .pointer = pointer,
};

void paint_init(void) { wipe(); }

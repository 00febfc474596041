#include "screen.h"

#include "memory.h"
#include "vbe.h"

enum { PIXELS = MAX_WIDTH * MAX_HEIGHT, MAX_RECTS = 8 };

static u32 ground_pixels[PIXELS] PICTURE;
static u32 picture_pixels[PIXELS] PICTURE;

struct surface ground = {.pixels = ground_pixels};
static struct surface picture = {.pixels = picture_pixels};

static struct rect rects[MAX_RECTS];
static int count;

int screen_width(void) { return ground.width; }
int screen_height(void) { return ground.height; }
struct rect screen_rect(void) { return (struct rect){0, 0, ground.width, ground.height}; }

bool screen_mode(int width, int height) {
  if (!vbe_fits(width, height)) return false;
  vbe_mode(width, height);
  ground.width = picture.width = width;
  ground.height = picture.height = height;
  ground.clip = screen_rect();
  damage_all();
  return true;
}

void damage(struct rect r) {
  r = intersect(r, screen_rect());
  if (is_empty(r)) return;
  // What overlaps becomes one, so that nothing is drawn twice.
  for (int i = 0; i < count; i++) {
    if (is_empty(intersect(rects[i], r))) continue;
    r = unite(rects[i], r);
    rects[i] = rects[--count];
    i = -1;
  }
  if (count < MAX_RECTS) {
    rects[count++] = r;
    return;
  }
  for (int i = 0; i < count; i++) r = unite(r, rects[i]);
  rects[0] = r;
  count = 1;
}

void damage_all(void) { damage(screen_rect()); }

static void show(struct rect r) {
  for (int y = r.y; y < r.y + r.height; y++) {
    copy_words(framebuffer + y * picture.width + r.x, pixel(&picture, r.x, y), (size_t)r.width);
  }
}

void screen_flush(void (*paint)(struct surface *s)) {
  for (int i = 0; i < count; i++) {
    picture.clip = rects[i];
    copy_from(&picture, ground.pixels, screen_rect());
    paint(&picture);
  }
  for (int i = 0; i < count; i++) show(rects[i]);
  count = 0;
}

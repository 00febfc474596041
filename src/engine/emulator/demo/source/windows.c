#include "windows.h"

#include "font.h"
#include "mouse.h"
#include "screen.h"

enum { MAX_WINDOWS = 8, SHADOW = 18, DROP = 6 };

static struct window *windows[MAX_WINDOWS];
static int count;

/** Who has the pointer while the left button is down, and where on it a title bar is held. */
static struct window *holder;
static bool dragging;
static int grip_x, grip_y;
static int last_buttons;

struct rect window_content(const struct window *w) {
  return (struct rect){w->frame.x, w->frame.y + TITLE_HEIGHT, w->frame.width, w->frame.height - TITLE_HEIGHT};
}

void damage_content(const struct window *w, struct rect part) {
  struct rect content = window_content(w);
  if (w->visible) damage(intersect(moved(part, content.x, content.y), content));
}

static void damage_frame(const struct window *w) {
  if (w->visible) damage(inset(moved(w->frame, 0, DROP), -SHADOW));
}

void window_add(struct window *w) { windows[count++] = w; }

void window_raise(struct window *w) {
  int i = 0;
  while (i < count && windows[i] != w) i++;
  if (i >= count - 1) return;
  struct window *was_top = windows[count - 1];
  for (; i < count - 1; i++) windows[i] = windows[i + 1];
  windows[count - 1] = w;
  damage_frame(w);
  damage_frame(was_top);
}

void window_move(struct window *w, int x, int y) {
  if (x == w->frame.x && y == w->frame.y) return;
  damage_frame(w);
  w->frame.x = x;
  w->frame.y = y;
  damage_frame(w);
}

void window_show(struct window *w, bool visible) {
  damage_frame(w);
  w->visible = visible;
  damage_frame(w);
}

static void draw_window(struct surface *s, const struct window *w, bool top) {
  struct rect f = w->frame;
  shadow(s, f, WINDOW_RADIUS, (struct shade){SHADOW, DROP, top ? 120 : 80});
  rounded(s, f, WINDOW_RADIUS, 0xfbfcfe, 255);
  struct rect title = {f.x, f.y, f.width, TITLE_HEIGHT};
  rounded_top(s, title, WINDOW_RADIUS, top ? 0xe9eef5 : 0xf1f3f7);
  fill(s, (struct rect){f.x, f.y + TITLE_HEIGHT - 1, f.width, 1}, 0xd5dce6);
  disc(s, f.x + 20, f.y + TITLE_HEIGHT / 2, 6, w->accent);
  draw_text(s, BOLD, f.x + 34, f.y + 7, top ? 0x27364b : 0x7b8797, w->title);
  struct rect content = window_content(w), clip = s->clip;
  s->clip = intersect(clip, content);
  if (!is_empty(s->clip)) w->draw(s, content);
  s->clip = clip;
}

void windows_draw(struct surface *s) {
  for (int i = 0; i < count; i++) {
    const struct window *w = windows[i];
    struct rect reach = inset(moved(w->frame, 0, DROP), -SHADOW);
    if (w->visible && !is_empty(intersect(s->clip, reach))) draw_window(s, w, i == count - 1);
  }
}

static struct window *window_at(int x, int y) {
  for (int i = count - 1; i >= 0; i--) {
    if (windows[i]->visible && contains(windows[i]->frame, x, y)) return windows[i];
  }
  return NULL;
}

static void press(int x, int y) {
  holder = window_at(x, y);
  if (!holder) return;
  window_raise(holder);
  dragging = y < holder->frame.y + TITLE_HEIGHT;
  grip_x = x - holder->frame.x;
  grip_y = y - holder->frame.y;
}

void windows_pointer(int x, int y, int buttons) {
  bool down = buttons & BUTTON_LEFT;
  if (down && !(last_buttons & BUTTON_LEFT)) press(x, y);
  last_buttons = buttons;
  if (!holder) return;
  if (dragging && down) {
    // The title bar stays within reach.
    int low_x = 60 - holder->frame.width, high_x = screen_width() - 60, high_y = screen_height() - TASKBAR_HEIGHT - TITLE_HEIGHT;
    window_move(holder, clamp(x - grip_x, low_x, high_x), clamp(y - grip_y, 0, high_y));
  } else if (!dragging && holder->pointer) {
    holder->pointer(window_content(holder), x, y, buttons);
  }
  if (!down) windows_release();
}

void windows_release(void) {
  holder = NULL;
  dragging = false;
}

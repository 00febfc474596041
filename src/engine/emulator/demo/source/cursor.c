#include "cursor.h"

#include "screen.h"

enum { WIDTH = 12, HEIGHT = 19 };
static const char arrow[HEIGHT][WIDTH + 1] = {
  "#           ", "##          ", "#.#         ", "#..#        ", "#...#       ", "#....#      ", "#.....#     ",
  "#......#    ", "#.......#   ", "#........#  ", "#.........# ", "#......#####", "#...#..#    ", "#..##..#    ",
  "#.#  #..#   ", "##   #..#   ", "#     #..#  ", "      #..#  ", "       ##   ",
};

static int at_x, at_y;
static bool shown = true;

static struct rect place(void) { return (struct rect){at_x, at_y, WIDTH, HEIGHT}; }

void cursor_move(int x, int y) {
  if (x == at_x && y == at_y) return;
  if (shown) damage(place());
  at_x = x;
  at_y = y;
  if (shown) damage(place());
}

void cursor_show(bool wanted) {
  if (shown != wanted) damage(place());
  shown = wanted;
}

void cursor_draw(struct surface *s) {
  if (!shown) return;
  struct rect r = intersect(place(), s->clip);
  for (int y = r.y; y < r.y + r.height; y++) {
    for (int x = r.x; x < r.x + r.width; x++) {
      char c = arrow[y - at_y][x - at_x];
      if (c != ' ') *pixel(s, x, y) = c == '#' ? 0x1b2433 : 0xffffff;
    }
  }
}

#include "welcome.h"

#include "font.h"
#include "memory.h"
#include "serial.h"

enum { LINES = 4, COLUMNS = 96, LEFT = 28, FIELD_TOP = 140, LINE_HEIGHT = 24, PADDING = 12 };

/** The last line is the one that is typed into. */
static char lines[LINES][COLUMNS];
static int current;

static struct rect field(struct rect content) {
  return (struct rect){content.x + LEFT, content.y + FIELD_TOP, content.width - 2 * LEFT, LINES * LINE_HEIGHT + 2 * PADDING - 4};
}

static void draw(struct surface *s, struct rect c) {
  draw_text(s, HEADING, c.x + LEFT, c.y + 18, 0x1d2b3f, "Welcome to vitrine");
  draw_text(s, BODY, c.x + LEFT, c.y + 62, 0x55637a, "This desktop is drawn by a guest of 45 kilobytes.");
  draw_text(s, BODY, c.x + LEFT, c.y + 84, 0x55637a, "There is no screen on the host: you are looking at it");
  draw_text(s, BODY, c.x + LEFT, c.y + 106, 0x55637a, "from wherever you are. Type something:");
  struct rect f = field(c);
  rounded(s, f, 7, 0xffffff, 255);
  outline(s, f, 7, 0x3d8fb5, 255);
  for (int i = 0; i <= current; i++) {
    int y = f.y + PADDING + i * LINE_HEIGHT;
    int x = draw_text(s, BODY, f.x + PADDING, y, 0x1d2b3f, lines[i]);
    if (i == current) fill(s, (struct rect){x + 1, y, 2, 18}, 0x3d8fb5);
  }
}

struct window welcome = {
  .title = "Welcome", .accent = 0x3d8fb5, .frame = {0, 0, 448, 318}, .visible = true, .draw = draw,
};

/** From where the text differs to where the caret is or was. */
static void damage_line(int from, int to) {
  struct rect c = {0, 0, welcome.frame.width, welcome.frame.height}, f = field(c);
  int y = f.y + PADDING + current * LINE_HEIGHT - 2;
  damage_content(&welcome, (struct rect){f.x + PADDING + from - 3, y, to - from + 10, LINE_HEIGHT});
}

static void next_line(void) {
  struct rect c = {0, 0, welcome.frame.width, welcome.frame.height};
  if (current < LINES - 1) {
    current++;
  } else {
    for (int i = 0; i < LINES - 1; i++) memcpy(lines[i], lines[i + 1], COLUMNS);
  }
  lines[current][0] = 0;
  damage_content(&welcome, field(c));
}

void welcome_type(char c) {
  char *line = lines[current];
  int n = length(line), width = text_width(BODY, line);
  if (c == '\n') {
    next_line();
  } else if (c == '\b') {
    if (!n) return;
    line[n - 1] = 0;
    damage_line(text_width(BODY, line), width);
  } else if (c >= ' ') {
    char one[2] = {c, 0};
    int room = welcome.frame.width - 2 * LEFT - 2 * PADDING - 4;
    if (n + 1 >= COLUMNS || width + text_width(BODY, one) > room) return;
    line[n] = c;
    line[n + 1] = 0;
    damage_line(width, width + text_width(BODY, one));
  } else {
    return;
  }
  say("TEXT %s", lines[current]);
}

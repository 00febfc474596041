#include "console.h"

#include "crash.h"
#include "cursor.h"
#include "memory.h"
#include "scene.h"
#include "screen.h"
#include "serial.h"
#include "taskbar.h"

/** What a PING said that has not been answered. */
static char ping[32];
static bool pinged;

/** What follows `word` and a space, or NULL. */
static const char *after(const char *line, const char *word) {
  while (*word && *line == *word) line++, word++;
  return !*word && *line == ' ' ? line + 1 : NULL;
}

/** A decimal number; moves on to behind it. -1 where there is none or it is too large to mean anything. */
static int number(const char **text) {
  int value = 0, digits = 0;
  while (**text >= '0' && **text <= '9') {
    if (++digits > 9) return -1;
    value = value * 10 + *(*text)++ - '0';
  }
  return digits ? value : -1;
}

static bool mode(const char *text) {
  int width = number(&text);
  if (width < 0 || *text++ != 'x') return false;
  int height = number(&text);
  // Text mode has a size of its own; leaving it restores the last.
  return height >= 0 && !*text && scene_current() != &scene_text && scene_mode(width, height);
}

static bool obey(const char *line) {
  const char *rest;
  if ((rest = after(line, "PING"))) {
    copy_text(ping, rest, sizeof ping);
    pinged = true;
  } else if ((rest = after(line, "SCENE"))) {
    const struct scene *scene = scene_named(rest);
    if (!scene) return false;
    scene_switch(scene);
  } else if ((rest = after(line, "MODE"))) {
    return mode(rest);
  } else if ((rest = after(line, "WHO"))) {
    taskbar_who(rest);
    say("WHO %s", rest);
  } else if ((rest = after(line, "CURSOR"))) {
    if (!same(rest, "on") && !same(rest, "off")) return false;
    cursor_show(same(rest, "on"));
    say("CURSOR %s", rest);
  } else if ((rest = after(line, "CRASH"))) {
    crash(rest);
    return false;
  } else {
    return false;
  }
  return true;
}

void console_poll(void) {
  char line[128];
  serial_poll();
  while (!pinged && serial_line(line, sizeof line)) {
    if (*line && !obey(line)) say("ERROR %s", line);
    serial_poll();
  }
}

bool console_answer(void) {
  if (!pinged) return false;
  pinged = false;
  say("PONG %s", ping);
  return true;
}

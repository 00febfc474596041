#ifndef MOUSE_H
#define MOUSE_H

#include "types.h"

enum { BUTTON_LEFT = 1, BUTTON_RIGHT = 2, BUTTON_MIDDLE = 4 };

struct pointer {
  int x, y, buttons;
  /** Notches towards the user since last asked. */
  int wheel;
};

/** Called by ps2_init, which lends it the two functions below. */
void mouse_init(void);
void mouse_byte(u8 byte);
u8 ps2_mouse_command(u8 value);
u8 ps2_mouse_read(void);

/** Whether positions come from the host as they are, by VMware's backdoor. */
bool mouse_is_absolute(void);
/** The next change of the pointer on a screen of this size, in order; moves in a row may come as one. */
bool mouse_event(struct pointer *pointer, int width, int height);

#endif

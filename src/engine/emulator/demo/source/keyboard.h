#ifndef KEYBOARD_H
#define KEYBOARD_H

#include "types.h"

enum key {
  KEY_ESCAPE = 0x01,
  KEY_BACKSPACE = 0x0e,
  KEY_ENTER = 0x1c,
  KEY_F1 = 0x3b,
  KEY_F10 = 0x44,
};

struct key_event {
  /** Set 1 scan code; E0 keys have bit 7 set. */
  u8 code;
  bool down;
  /** What the key types on a US layout, or 0. */
  char character;
};

/** Brings up the controller, the keyboard and the mouse. */
void ps2_init(void);
/** Takes what the controller has, from either device; called by the interrupts. */
void ps2_receive(void);
bool keyboard_event(struct key_event *event);

#endif

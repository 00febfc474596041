#ifndef CONSOLE_H
#define CONSOLE_H

#include "types.h"

/** Does what the host's lines ask for, up to the first PING. */
void console_poll(void);
/** Answers that PING, if there was one: to be called when all that came before is on the screen. Says if it did. */
bool console_answer(void);

#endif

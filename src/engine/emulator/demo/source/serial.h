#ifndef SERIAL_H
#define SERIAL_H

#include "types.h"

void serial_init(void);
/** Takes what the port has; called by its interrupt. */
void serial_receive(void);
/** Gives out the next whole line that the host sent, without its end. Overlong lines are cut. */
bool serial_line(char *line, int size);
/** printf's %s %d %x and nothing else; a line feed follows. */
void say(const char *format, ...);

#endif

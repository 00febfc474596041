#ifndef SERIAL_H
#define SERIAL_H

#include "types.h"

void serial_init(void);
/** Takes what the port has and gives it what it can send; called by its interrupt. */
void serial_interrupt(void);
/** Goes on with what the port or the ring had no room for; called in every turn. */
void serial_poll(void);
/** Gives out the next whole line that the host sent, without its end. Overlong lines are cut. */
bool serial_line(char *line, int size);
/** printf's %s %d %x and nothing else; a line feed follows. Never waits: what the port cannot take yet is sent later. */
void say(const char *format, ...);
/** Sends what was said while no interrupt will: before the first, or after the last. */
void serial_finish(void);

#endif

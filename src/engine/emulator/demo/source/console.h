#ifndef CONSOLE_H
#define CONSOLE_H

/** Does what the host's lines ask for. */
void console_poll(void);

#endif

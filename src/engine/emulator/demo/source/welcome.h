#ifndef WELCOME_H
#define WELCOME_H

#include "windows.h"

extern struct window welcome;

/** Into the text field: a character, '\b' or '\n'. */
void welcome_type(char c);

#endif

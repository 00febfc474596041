#ifndef KEYS_H
#define KEYS_H

#include "windows.h"

/** The list of keys that do something. */
extern struct window keys;

#endif

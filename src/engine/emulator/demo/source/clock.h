#ifndef CLOCK_H
#define CLOCK_H

#include "types.h"

/** The time of the RTC as "Sat 21 Nov  09:26". */
void clock_text(char *text, int size);
/** The RTC's minute, to see when the text changes. */
int clock_minute(void);

#endif

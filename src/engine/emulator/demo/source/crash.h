#ifndef CRASH_H
#define CRASH_H

/** Ends the guest in one of the ways that guests end in: triple, pae, cli, reset. Comes back for any other word. */
void crash(const char *how);

#endif

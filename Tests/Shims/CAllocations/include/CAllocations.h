#ifndef C_ALLOCATIONS_H
#define C_ALLOCATIONS_H

/// How many times this thread has called malloc, calloc, realloc or an aligned form of them.
long callocations_count(void);

#endif

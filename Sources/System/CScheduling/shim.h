#pragma once
#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

// SCHED_BATCH, which the C library shows to who asks for all that is GNU's only.
enum { scheduling_batch = 3 };

// What sched_setattr(2) and sched_getattr(2) take, in their first version. The C library has neither call (glibc before 2.41), and
// names the type in headers that differ.
typedef struct {
  uint32_t size;
  uint32_t policy;
  uint64_t flags;
  int32_t nice;
  uint32_t priority;
  uint64_t runtime;  // nanoseconds; of an ordinary thread its slice, from Linux 6.12 on
  uint64_t deadline;
  uint64_t period;
} scheduling_attributes;

// Of the calling thread; 0, or errno.
static inline int scheduling_set(scheduling_attributes *attributes) {
  attributes->size = sizeof(*attributes);
  return syscall(SYS_sched_setattr, 0, attributes, 0u) == 0 ? 0 : errno;
}

static inline int scheduling_get(scheduling_attributes *attributes) {
  return syscall(SYS_sched_getattr, 0, attributes, (unsigned)sizeof(*attributes), 0u) == 0 ? 0 : errno;
}

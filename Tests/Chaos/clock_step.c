// A wall clock that jumps: LD_PRELOADed into one process, it adds to the real time the nanoseconds in the file that
// CHAOS_CLOCK_FILE names (8 bytes, mapped, so that a step is seen at once). The monotonic clocks are left alone, as they are by
// a step of the machine's. Deadlines of waits, which the kernel compares with the real time, are translated back when a wait
// begins; one that is under way is not disturbed by a step.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define BILLION 1000000000LL

static _Atomic int64_t none;
static _Atomic int64_t *step = &none;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("CHAOS_CLOCK_FILE");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  if (file < 0) return;
  void *mapped = mmap(NULL, sizeof *step, PROT_READ, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) step = mapped;
  close(file);
}

static struct timespec moved(struct timespec time, int64_t by) {
  int64_t all = time.tv_sec * BILLION + time.tv_nsec + by;
  return (struct timespec){.tv_sec = all / BILLION, .tv_nsec = all % BILLION};
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  static _Atomic(int (*)(clockid_t, struct timespec *)) real;
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int status = real(clock, time);
  if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) *time = moved(*time, *step);
  return status;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  (void)zone;
  struct timespec time;
  int status = clock_gettime(CLOCK_REALTIME, &time);
  *now = (struct timeval){.tv_sec = time.tv_sec, .tv_usec = time.tv_nsec / 1000};
  return status;
}

time_t time(time_t *now) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  if (now) *now = time.tv_sec;
  return time.tv_sec;
}

int timespec_get(struct timespec *time, int base) {
  return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, time) == 0 ? base : 0;
}

// A condition variable may count by the monotonic clock: its deadlines are far smaller than the wall clock's.
static struct timespec kernels(const struct timespec *deadline) {
  return deadline->tv_sec > 1000000000 ? moved(*deadline, -*step) : *deadline;
}

int pthread_cond_timedwait(pthread_cond_t *restrict condition, pthread_mutex_t *restrict mutex, const struct timespec *restrict deadline) {
  static _Atomic(int (*)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *)) real;
  if (!real) real = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");  // dlsym may find the one of 1999
  if (!real) real = dlsym(RTLD_NEXT, "pthread_cond_timedwait");
  struct timespec time = kernels(deadline);
  return real(condition, mutex, &time);
}

int pthread_mutex_timedlock(pthread_mutex_t *restrict mutex, const struct timespec *restrict deadline) {
  static _Atomic(int (*)(pthread_mutex_t *, const struct timespec *)) real;
  if (!real) real = dlsym(RTLD_NEXT, "pthread_mutex_timedlock");
  struct timespec time = kernels(deadline);
  return real(mutex, &time);
}

int sem_timedwait(sem_t *restrict semaphore, const struct timespec *restrict deadline) {
  static _Atomic(int (*)(sem_t *, const struct timespec *)) real;
  if (!real) real = dlsym(RTLD_NEXT, "sem_timedwait");
  struct timespec time = kernels(deadline);
  return real(semaphore, &time);
}

int mtx_timedlock(mtx_t *restrict mutex, const struct timespec *restrict deadline) {
  static _Atomic(int (*)(mtx_t *, const struct timespec *)) real;
  if (!real) real = dlsym(RTLD_NEXT, "mtx_timedlock");
  struct timespec time = kernels(deadline);
  return real(mutex, &time);
}

// librdkafka waits by these. It makes a deadline and may wait for it more than once: after a step back in between it would wait
// for hours, which is its own affair; such a wait is ended after a tenth of a second.
int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex, const struct timespec *restrict deadline) {
  static _Atomic(int (*)(cnd_t *, mtx_t *, const struct timespec *)) real;
  if (!real) real = dlsym(RTLD_NEXT, "cnd_timedwait");
  struct timespec time = kernels(deadline), now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (deadline->tv_sec > now.tv_sec + 3600) time = moved(now, BILLION / 10 - *step);
  return real(condition, mutex, &time);
}

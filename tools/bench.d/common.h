/* What every load tool needs: errors, a clock, and a look at the relay's use of the machine. */
#ifndef XYLEM_BENCH_COMMON_H
#define XYLEM_BENCH_COMMON_H

#include <stddef.h>
#include <sys/types.h>

/* Prints a message (with errno's text when `code` is not 0) and exits with status 2. */
void fail(int code, const char *format, ...) __attribute__((noreturn, format(printf, 2, 3)));

/* Seconds of the monotonic clock. */
double monotonic_seconds(void);

void sleep_milliseconds(long milliseconds);

/* CPU seconds, user and system, that all threads of a process have used so far. */
double process_cpu_seconds(pid_t process);

/* A field of /proc/PID/status in bytes: "VmRSS" for now, "VmHWM" for the peak. */
size_t process_memory_bytes(pid_t process, const char *field);

/* Parses a whole decimal argument; `name` appears in the message when it is none. */
long parse_number(const char *text, const char *name);

/* Lets this process open as many files as its hard limit allows. */
void raise_file_limit(void);

#endif
